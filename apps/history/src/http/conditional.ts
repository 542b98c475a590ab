import type { IncomingHttpHeaders } from 'node:http';
import fresh from 'fresh';

/**
 * Whether the client already has the representation with this ETag (`If-None-Match`). Ignores `Cache-Control`: `fetch` sets it to
 * `no-cache` for every request with a validator of its own, and it is meant for intermediate caches.
 */
export function isUnchanged(headers: IncomingHttpHeaders, etag: string): boolean {
  return fresh({ 'if-none-match': headers['if-none-match'] }, { etag });
}
