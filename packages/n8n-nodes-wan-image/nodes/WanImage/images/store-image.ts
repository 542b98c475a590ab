import { bytesSource, MIME_TYPES, readImageInfo, type ImageFormat, type ImageInfo } from '@wan-image/core/portable';
import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';
import type { Streams } from '../host/streams.ts';

/** What an image's first bytes say; all null where it is none of the known formats. */
export interface Measured {
  readonly format: ImageFormat | null;
  readonly width: number | null;
  readonly height: number | null;
}

export interface StoredInput extends Measured {
  readonly binary: IBinaryData;
}

export const NOT_MEASURED: Measured = { format: null, width: null, height: null };

/** A header that is longer, for its metadata, leaves an image without measures. */
const HEADER_BYTES = 512 * 1024;

/** Where n8n keeps what a node makes: as a stream, so that in its stored modes no image is ever whole in memory. */
export async function storeImage(
  context: Pick<IExecuteFunctions, 'helpers'>,
  streams: Streams,
  chunks: AsyncIterable<Uint8Array>,
  nameOf: (measured: Measured) => string,
): Promise<StoredInput> {
  return peeking(chunks, async ({ measured, bytes }) => {
    const stream = streams.from(bytes) ?? (await wholeOf(bytes));
    const mimeType = measured.format === null ? 'application/octet-stream' : MIME_TYPES[measured.format];
    // The type that n8n declares is Node's class, which a node may not name.
    const binary = await context.helpers.prepareBinaryData(stream as Buffer, nameOf(measured), mimeType);
    return { ...measured, binary };
  });
}

/** The measures of an image, of which no more is read than they take. */
export function measureImage(chunks: AsyncIterable<Uint8Array>): Promise<Measured> {
  return peeking(chunks, async ({ measured }) => measured);
}

interface Peeked {
  readonly measured: Measured;
  /** All bytes from the first. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** Reads as much as tells the measures, and lets go of what `use` leaves unread: a connection may hang on it. */
async function peeking<T>(chunks: AsyncIterable<Uint8Array>, use: (peeked: Peeked) => Promise<T>): Promise<T> {
  const iterator = chunks[Symbol.asyncIterator]();
  try {
    const head: Uint8Array[] = [];
    let info: ImageInfo | null = null;
    for (let length = 0; info === null && length < HEADER_BYTES;) {
      const { done, value } = await iterator.next();
      if (done) break;
      head.push(value);
      length += value.length;
      info = readImageInfo(bytesSource(Buffer.concat(head)));
    }
    if (head.length === 0) throw new Error('The image is empty.');
    return await use({ measured: info ?? NOT_MEASURED, bytes: continued(head, iterator) });
  } finally {
    await iterator.return?.();
  }
}

async function* continued(
  head: readonly Uint8Array[],
  iterator: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, void> {
  yield* head;
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
}

async function wholeOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}
