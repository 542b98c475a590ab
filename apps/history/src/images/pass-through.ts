import { setTimeout as sleep } from 'node:timers/promises';
import { Readable } from 'node:stream';
import { bytesSource, MIME_TYPES, sniffImageFormat } from '@wan-image/core';

/** An image on its way, of which nothing but the first bytes has been seen. */
export interface PassedThrough {
  readonly mimeType: string;
  readonly stream: Readable;
}

/** As many as tell the four formats apart. */
const HEAD_BYTES = 16;

/** A client is waiting for the response, and fetching the image into the store was tried before. */
const FIRST_BYTES_LIMIT_MS = 20_000;

/**
 * Waits for the first bytes of a download, and believes them. Null where they begin no image; rejects where none come. The download
 * is stopped when the stream is closed, read or not.
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
    if (format !== null) return { mimeType: MIME_TYPES[format], stream: streamOf(head, iterator, stop) };
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

/** Pulls as it is read. A generator that nobody has begun to read does not end what it stands on, so that is ended here. */
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

/** That it was stopped is nobody's problem. */
async function end(iterator: AsyncIterator<Uint8Array>): Promise<void> {
  try {
    await iterator.return?.();
  } catch {
    return;
  }
}
