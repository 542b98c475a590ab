import { open } from 'node:fs/promises';
import { READ_BYTES } from './image-store.ts';

/**
 * The bytes of a file, each piece in the same memory as the one before it: what is read by many at once must not leave as much behind as
 * it reads. Whoever keeps a piece copies it. Rejects where there is no such file.
 */
export async function* piecesOf(path: string): AsyncGenerator<Uint8Array, void, void> {
  const file = await open(path, 'r');
  try {
    const memory = Buffer.allocUnsafeSlow(READ_BYTES);
    for (;;) {
      const { bytesRead } = await file.read(memory, 0, READ_BYTES, null);
      if (bytesRead === 0) return;
      yield memory.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}
