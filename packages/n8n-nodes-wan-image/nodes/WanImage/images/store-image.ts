import { bytesSource, MIME_TYPES, readImageInfo, type ImageFormat, type ImageInfo } from '@wan-image/core/portable';
import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';
import type { Streams } from '../host/streams.ts';

/** Read from the first bytes of an image; all null where its format is unknown. */
export interface Measured {
  readonly format: ImageFormat | null;
  /** In pixels. */
  readonly width: number | null;
  readonly height: number | null;
}

export interface StoredImage extends Measured {
  readonly binary: IBinaryData;
}

export const NOT_MEASURED: Measured = { format: null, width: null, height: null };

/** How far the header is read. Metadata may make it longer; then the image has no width and height. */
const HEADER_BYTES = 512 * 1024;

/** Streams an image into n8n's binary data, so that no storage mode but `default` holds it in memory as a whole. */
export async function storeImage(
  context: Pick<IExecuteFunctions, 'helpers'>,
  streams: Streams,
  chunks: AsyncIterable<Uint8Array>,
  nameOf: (measured: Measured) => string,
): Promise<StoredImage> {
  return withHeader(chunks, async ({ measured, bytes }) => {
    const stream = streams.from(bytes) ?? (await bufferOf(bytes));
    const mimeType = measured.format === null ? 'application/octet-stream' : MIME_TYPES[measured.format];
    // n8n declares Node's stream class, which a node may not import.
    const binary = await context.helpers.prepareBinaryData(stream as Buffer, nameOf(measured), mimeType);
    return { ...measured, binary };
  });
}

/** Reads format, width and height, and no more bytes than they take. */
export function measureImage(chunks: AsyncIterable<Uint8Array>): Promise<Measured> {
  return withHeader(chunks, async ({ measured }) => measured);
}

interface MeasuredBytes {
  readonly measured: Measured;
  /** All bytes, the header included. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** Reads the header, then calls `use`. Closes the iterator in any case: an unread body keeps its connection open. */
async function withHeader<T>(chunks: AsyncIterable<Uint8Array>, use: (image: MeasuredBytes) => Promise<T>): Promise<T> {
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
    return await use({ measured: info ?? NOT_MEASURED, bytes: concatenated(head, iterator) });
  } finally {
    await iterator.return?.();
  }
}

async function* concatenated(
  head: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, void> {
  yield* head;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

async function bufferOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}
