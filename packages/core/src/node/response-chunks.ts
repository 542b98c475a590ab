import type { IncomingMessage } from 'node:http';
import { finished, pipeline, type Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';

/** Number of unread chunks at which the socket is paused. */
const MAX_WAITING = 4;

/** Returns a function that reads the next chunk of a response, decompressed; null at its end. */
export function chunksOf(response: IncomingMessage): () => Promise<Uint8Array | null> {
  return arriving(decompressed(response));
}

function arriving(stream: Readable): () => Promise<Uint8Array | null> {
  const waiting: Uint8Array[] = [];
  const state: { ended: boolean; cause: unknown } = { ended: false, cause: null };
  let wake = (): void => undefined;
  stream.on('data', (chunk: Uint8Array) => {
    if (waiting.push(chunk) >= MAX_WAITING) stream.pause();
    wake();
  });
  finished(stream, (cause) => {
    Object.assign(state, { ended: true, cause: cause ?? null });
    wake();
  });
  return async () => {
    while (waiting.length === 0 && !state.ended) {
      stream.resume();
      await new Promise<void>((resolve) => (wake = resolve));
    }
    const chunk = waiting.shift();
    if (chunk === undefined && state.cause !== null) throw state.cause;
    return chunk ?? null;
  };
}

/** Some hosts compress although the request asks for `identity`. */
function decompressed(response: IncomingMessage): Readable {
  const encoding = response.headers['content-encoding']?.toLowerCase() ?? 'identity';
  const decoder =
    encoding === 'gzip' || encoding === 'x-gzip'
      ? createGunzip()
      : encoding === 'br'
        ? createBrotliDecompress()
        : encoding === 'deflate'
          ? createInflate()
          : null;
  if (decoder === null) return response;
  // The reader of the decoder gets the error.
  return pipeline(response, decoder, () => undefined);
}
