import type { IncomingHttpHeaders } from 'node:http';
import fresh from 'fresh';
import { readRange, type ByteRange } from './byte-range.ts';

const EXTENSIONS: Readonly<Record<string, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/webp': 'webp',
  'image/bmp': 'bmp',
};

/** The file name under which a browser saves the image. */
export function fileName(imageId: string, mimeType: string): string {
  return `${imageId}.${EXTENSIONS[mimeType] ?? 'bin'}`;
}

/** Shows an image in the browser, and saves what may be anything else. */
export function disposition(imageId: string, mimeType: string, isDownload: boolean): string {
  return `${isDownload ? 'attachment' : 'inline'}; filename="${fileName(imageId, mimeType)}"`;
}

/**
 * Whether the client already has the representation with this ETag (`If-None-Match`). Ignores `Cache-Control`: `fetch` sets it to
 * `no-cache` for every request with a validator of its own, and it is meant for intermediate caches.
 */
export function isUnchanged(headers: IncomingHttpHeaders, etag: string): boolean {
  return fresh({ 'if-none-match': headers['if-none-match'] }, { etag });
}

interface RangeRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
}

/** The requested part of a representation. Ranges apply only to GET and, with `If-Range`, only to the representation it names. */
export function requestedPart(
  { method, headers }: RangeRequest,
  etag: string,
  bytes: number,
): ByteRange | 'whole' | 'unsatisfiable' {
  const ifRange = headers['if-range'];
  const applies = method === 'GET' && (ifRange === undefined || ifRange === etag);
  return applies ? readRange(headers.range, bytes) : 'whole';
}
