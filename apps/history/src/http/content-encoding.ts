import { pipeline, Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw, createZstdDecompress } from 'node:zlib';
import { ApiError, invalidRequest } from '../domain/api-error.ts';

/** What a body may become without any suspicion, and how many times its own size beyond that. Images as base64 compress to three quarters. */
const UNSUSPICIOUS_BYTES = 1024 * 1024;
const MOST_TIMES = 100;

type CreateDecoder = (firstByte: number) => Transform;

const DECODERS: ReadonlyMap<string, CreateDecoder> = new Map<string, CreateDecoder>([
  ['gzip', () => createGunzip()],
  ['x-gzip', () => createGunzip()],
  // Some clients send the bare stream, without the zlib header that the standard has.
  ['deflate', (firstByte) => ((firstByte & 0x0f) === 8 ? createInflate() : createInflateRaw())],
  ['br', () => createBrotliDecompress()],
  ['zstd', () => createZstdDecompress()],
]);

/** What `accept-encoding` of a 415 names. */
const ACCEPTED = 'gzip, deflate, br, zstd';

/** A body without its `Content-Encoding`. Throws 415 for an encoding that is not supported, 413 for a body that expands too much. */
export function decodedChunks(
  chunks: AsyncIterable<Uint8Array>,
  contentEncoding: string | undefined,
): AsyncIterable<Uint8Array> {
  const encoding = (contentEncoding ?? '').trim().toLowerCase();
  if (encoding === '' || encoding === 'identity') return chunks;
  const decoder = DECODERS.get(encoding);
  if (decoder === undefined) throw unsupported(encoding);
  return decoded(chunks, encoding, decoder);
}

async function* decoded(
  chunks: AsyncIterable<Uint8Array>,
  encoding: string,
  createDecoder: CreateDecoder,
): AsyncGenerator<Uint8Array, void, void> {
  let received = 0;
  const iterator = chunks[Symbol.asyncIterator]();
  async function* counted(first: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
    try {
      for (let chunk = first; ;) {
        received += chunk.length;
        yield chunk;
        const next = await iterator.next();
        if (next.done) return;
        chunk = next.value;
      }
    } finally {
      await iterator.return?.();
    }
  }
  const first = await iterator.next();
  if (first.done) return;
  const decoder = createDecoder(first.value[0] ?? 0);
  // Errors reach the reader below, which reads from the decoder.
  pipeline(Readable.from(counted(first.value)), decoder, () => undefined);
  let length = 0;
  try {
    for await (const chunk of decoder as AsyncIterable<Uint8Array>) {
      length += chunk.length;
      if (length > UNSUSPICIOUS_BYTES + MOST_TIMES * received) throw expandsTooMuch(encoding);
      yield chunk;
    }
  } catch (error) {
    throw error instanceof ApiError ? error : undecodable(encoding);
  }
}

function unsupported(encoding: string): ApiError {
  const name = JSON.stringify(encoding.slice(0, 60));
  return new ApiError(`Content-Encoding ${name} is not supported: send one of ${ACCEPTED}, or the body as it is.`, {
    status: 415,
    type: 'invalid_request_error',
    code: 'invalid_request',
    headers: { 'accept-encoding': ACCEPTED },
  });
}

function expandsTooMuch(encoding: string): ApiError {
  const message = `The ${encoding} body expands to more than ${MOST_TIMES} times its size. Send it without Content-Encoding.`;
  return new ApiError(message, { status: 413, type: 'invalid_request_error', code: 'invalid_request' });
}

function undecodable(encoding: string): ApiError {
  return invalidRequest(`The body is not complete and valid ${encoding}, which its Content-Encoding states.`, null);
}
