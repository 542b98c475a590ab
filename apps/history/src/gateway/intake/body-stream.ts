import type { Readable } from 'node:stream';
import { ApiError, invalidRequest } from '../../domain/api-error.ts';

/** Nine input images of 20 MB as base64, plus room for the other fields. */
export const MAX_BODY_BYTES = 260 * 1024 * 1024;

/** The body as it arrives. If the reader stops early, the connection stays open for the response. */
export async function* bodyChunks(stream: Readable): AsyncIterable<Uint8Array> {
  let length = 0;
  try {
    for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
      length += chunk.length;
      if (length > MAX_BODY_BYTES) throw tooLarge();
      yield chunk;
    }
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw invalidRequest(
      'The connection was closed before the complete body arrived. Nothing was sent. Try again.',
      null,
    );
  }
}

export function tooLarge(): ApiError {
  return new ApiError('The body is too large: the maximum is nine input images of 20 MB each.', {
    status: 413,
    type: 'invalid_request_error',
    code: 'invalid_request',
    // The rest of the body stays unread, so this connection cannot be reused.
    headers: { connection: 'close' },
  });
}
