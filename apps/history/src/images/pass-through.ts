import { setTimeout as sleep } from 'node:timers/promises';
import { Readable } from 'node:stream';
import { bytesSource, MIME_TYPES, sniffImageFormat } from '@wan-image/core';

/** An image being streamed, of which only the first bytes have been checked. */
export interface PassedThrough {
  readonly mimeType: string;
  /** Whether it is of a format that the service knows. */
  readonly isImage: boolean;
  readonly stream: Readable;
}

/** Enough to distinguish the four formats. */
const HEAD_BYTES = 16;

/** Short, because a client is waiting for the response, and storing the image was attempted before. */
const FIRST_BYTES_LIMIT_MS = 20_000;

/**
 * Waits for the first bytes of a download and detects the format from them. Null if they are not an image; rejects if none arrive. The
 * download is stopped when the stream is closed, read or not.
 */
export async function passThrough(
  download: (signal: AbortSignal) => AsyncIterable<Uint8Array>,
): Promise<PassedThrough | null> {
  const stop = new AbortController();
  const iterator = download(stop.signal)[Symbol.asyncIterator]();
  const arrived = new AbortController();
  void sleep(FIRST_BYTES_LIMIT_MS, undefined, { signal: arrived.signal, ref: false }).then(
    () => stop.abort(),
    () => undefined,
  );
  try {
    const head = await firstBytes(iterator);
    const format = sniffImageFormat(bytesSource(head));
    if (format !== null) return { mimeType: MIME_TYPES[format], isImage: true, stream: streamOf(head, iterator, stop) };
  } finally {
    arrived.abort();
  }
  stop.abort();
  await end(iterator);
  return null;
}

async function firstBytes(iterator: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  while (length < HEAD_BYTES) {
    const next = await iterator.next();
    if (next.done) break;
    chunks.push(next.value);
    length += next.value.length;
  }
  return Buffer.concat(chunks);
}

/** Pulls chunks as the stream is read. A generator that has not started does not close its source, so the source is closed here. */
function streamOf(head: Uint8Array, iterator: AsyncIterator<Uint8Array>, stop: AbortController): Readable {
  const stream = Readable.from(wholeOf(head, iterator), { objectMode: false });
  stream.once('close', () => {
    stop.abort();
    void end(iterator);
  });
  return stream;
}

async function* wholeOf(head: Uint8Array, iterator: AsyncIterator<Uint8Array>): AsyncIterable<Uint8Array> {
  yield head;
  yield* { [Symbol.asyncIterator]: () => iterator };
}

/** An error caused by the abort is ignored. */
async function end(iterator: AsyncIterator<Uint8Array>): Promise<void> {
  try {
    await iterator.return?.();
  } catch {
    return;
  }
}
