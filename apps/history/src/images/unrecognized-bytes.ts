import { fileTypeFromBuffer } from 'file-type';

/** How much of a file its type is detected from. */
export const TYPE_BYTES = 4100;

/** The most that is kept of what is no image at all: the upstream may send any amount of it, compressed. */
const MOST_BYTES = 16 * 1024 * 1024;

/** The bytes are not an image. */
export class NotAnImageError extends Error {
  override readonly name = 'NotAnImageError';
}

/** More arrived than is kept of what is not an image. Another attempt would get the same. */
export class TooManyBytesError extends NotAnImageError {}

/** The MIME type of a file by its first {@link TYPE_BYTES} bytes, `application/octet-stream` if it is not known. */
export async function typeOf(head: Uint8Array): Promise<string> {
  const type = await fileTypeFromBuffer(head).catch(() => undefined);
  return type?.mime ?? 'application/octet-stream';
}

/** Passes bytes on. Throws a {@link NotAnImageError} after 16 MiB of what is not an image of any format. */
export async function* boundedUnlessImage(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  let head = Buffer.alloc(0);
  let length = 0;
  let isJudged = false;
  for await (const chunk of bytes) {
    length += chunk.length;
    // Copied: the source may reuse the memory of its chunk.
    if (head.length < TYPE_BYTES) head = Buffer.concat([head, chunk.subarray(0, TYPE_BYTES - head.length)]);
    if (!isJudged && length > MOST_BYTES) {
      if (!(await typeOf(head)).startsWith('image/'))
        throw new TooManyBytesError(`More than ${MOST_BYTES / 1024 / 1024} MiB arrived that are not an image`);
      isJudged = true;
    }
    yield chunk;
  }
}
