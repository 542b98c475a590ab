import type { Readable } from 'node:stream';
import { ApiError, invalidRequest } from '../../domain/api-error.ts';

/** Nine inputs of 20 MB as base64, and room for the rest. */
export const MAX_BODY_BYTES = 260 * 1024 * 1024;

/** The body as it arrives. A reader that stops early leaves the connection open for the response. */
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
    throw invalidRequest('The connection broke before the whole body had come. Nothing was sent: try again.', null);
  }
}

export function tooLarge(): ApiError {
  return new ApiError('The body is too large: nine input images of 20 MB each are the most.', {
    status: 413,
    type: 'invalid_request_error',
    code: 'invalid_request',
    // Not all of it is read, so nothing else can come over this connection.
    headers: { connection: 'close' },
  });
}
