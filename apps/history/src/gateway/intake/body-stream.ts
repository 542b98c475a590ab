import type { Readable } from 'node:stream';
import { ApiError } from '../../domain/api-error.ts';
import { arrivingChunks } from '../../http/arriving-body.ts';
import { decodedChunks } from '../../http/content-encoding.ts';
import type { Upload } from './upload-budget.ts';

/** Nine input images of 20 MB as base64, plus room for the other fields. */
export const MAX_BODY_BYTES = 260 * 1024 * 1024;

export interface BodyOptions {
  readonly contentEncoding: string | undefined;
  /** How long the client may fall behind the minimum rate. */
  readonly stallMs: number;
  readonly upload: Upload;
}

/** The body as it arrives, decompressed. If the reader stops early, the connection stays open for the response. */
export async function* bodyChunks(
  stream: Readable,
  { contentEncoding, stallMs, upload }: BodyOptions,
): AsyncIterable<Uint8Array> {
  let length = 0;
  for await (const chunk of decodedChunks(arrivingChunks(stream, stallMs), contentEncoding)) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) throw tooLarge();
    upload.received(chunk.length);
    yield chunk;
  }
}

export function tooLarge(): ApiError {
  return new ApiError('The body is too large: the maximum is nine input images of 20 MB each.', {
    status: 413,
    type: 'invalid_request_error',
    code: 'invalid_request',
  });
}
