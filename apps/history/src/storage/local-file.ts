import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { nullIfMissing } from './disk.ts';
import { READ_BYTES, type ByteRange, type OpenFile } from './image-store.ts';

/** Opens a file of a local disk, or a range of it. Null if there is none. */
export async function openLocalFile(path: string, range?: ByteRange): Promise<OpenFile | null> {
  const file = await nullIfMissing(open(path, 'r'));
  return file && new LocalFile(file, range);
}

class LocalFile implements OpenFile {
  readonly #file: FileHandle;
  readonly #range: ByteRange | undefined;

  constructor(file: FileHandle, range: ByteRange | undefined) {
    this.#file = file;
    this.#range = range;
  }

  stream(): Readable {
    return createReadStream('', { ...this.#range, fd: this.#file, highWaterMark: READ_BYTES });
  }

  async *chunks(bytes: number): AsyncGenerator<Uint8Array, void, void> {
    const start = this.#range?.start ?? 0;
    try {
      const buffer = Buffer.allocUnsafeSlow(Math.min(READ_BYTES, bytes));
      for (let read = 0; read < bytes;) {
        const { bytesRead } = await this.#file.read(buffer, 0, Math.min(buffer.length, bytes - read), start + read);
        if (bytesRead === 0) throw new Error(`The file ends after ${read} of the ${bytes} bytes that were stored`);
        read += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
    } finally {
      // Not awaited: nothing was written, so closing cannot lose anything.
      this.#file.close().catch(() => undefined);
    }
  }
}
