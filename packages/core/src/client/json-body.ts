import type { RequestBody } from '../transport/transport.ts';

/** A value as JSON. */
export function jsonBody(value: unknown): RequestBody {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  return {
    length: bytes.length,
    async *chunks() {
      yield bytes;
    },
  };
}
