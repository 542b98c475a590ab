import { open } from 'node:fs/promises';
import { READ_BYTES } from './image-store.ts';

/**
 * The bytes of a file of so many, each piece in the same memory as the one before it: what is read by many at once must not leave as much
 * behind as it reads. Whoever keeps a piece copies it. Rejects where there is no such file, or less in it.
 */
export async function* chunksOf(path: string, bytes: number): AsyncGenerator<Uint8Array, void, void> {
  const file = await open(path, 'r');
  try {
    const memory = Buffer.allocUnsafeSlow(Math.min(READ_BYTES, bytes));
    for (let at = 0; at < bytes;) {
      const { bytesRead } = await file.read(memory, 0, Math.min(memory.length, bytes - at), at);
      if (bytesRead === 0) throw new Error(`Of ${bytes} bytes that were kept only ${at} are there`);
      at += bytesRead;
      yield memory.subarray(0, bytesRead);
    }
  } finally {
    // Nothing was written, and nobody need wait for it.
    file.close().catch(() => undefined);
  }
}
