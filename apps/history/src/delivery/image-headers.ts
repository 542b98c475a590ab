import type { IncomingHttpHeaders } from 'node:http';
import { readRange, type ByteRange } from './byte-range.ts';

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
