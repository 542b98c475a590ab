import type { IncomingHttpHeaders } from 'node:http';
import fresh from 'fresh';
import { readRange, type ByteRange } from './byte-range.ts';

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
