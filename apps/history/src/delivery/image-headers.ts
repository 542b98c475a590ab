import type { IncomingHttpHeaders } from 'node:http';
import { readRange, type ByteRange } from './byte-range.ts';

const EXTENSIONS: Readonly<Record<string, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/webp': 'webp',
  'image/bmp': 'bmp',
};

/** The name under which a browser saves it. */
export function fileName(imageId: string, mimeType: string): string {
  return `${imageId}.${EXTENSIONS[mimeType] ?? 'bin'}`;
}

/** Whether the caller has these bytes already. */
export function isUnchanged(headers: IncomingHttpHeaders, etag: string): boolean {
  const ifNoneMatch = headers['if-none-match'];
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch
    .split(',')
    .some((candidate) => candidate.trim() === '*' || candidate.trim().replace(/^W\//, '') === etag);
}

interface RangeRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
}

/** The part that is asked for: of a GET alone, and only of these bytes where it says of which. */
export function partAsked(
  { method, headers }: RangeRequest,
  etag: string,
  bytes: number,
): ByteRange | 'whole' | 'unsatisfiable' {
  const ifRange = headers['if-range'];
  const counts = method === 'GET' && (ifRange === undefined || ifRange === etag);
  return counts ? readRange(headers.range, bytes) : 'whole';
}
