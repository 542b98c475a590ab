import { createHash, randomUUID } from 'node:crypto';
import { readSync } from 'node:fs';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesSource, type ByteSource } from '@wan-image/core';
import { checkpoint } from '../telemetry/checkpoints.ts';

/** How much is copied at a time from a disk that failed. */
const COPY_BYTES = 256 * 1024;

/** Bytes that have arrived whole: in a file that is synced and has no name yet that counts, or in memory. */
export class Landed {
  readonly sha256: string;
  readonly bytes: number;
  #at: Place;

  constructor(sha256: string, bytes: number, at: Place) {
    this.sha256 = sha256;
    this.bytes = bytes;
    this.#at = at;
  }

  /** The file, if it lies in this folder. */
  fileIn(folder: string): string | null {
    return this.#at.folder === folder ? this.#at.path : null;
  }

  inspect<T>(look: (source: ByteSource) => T): T {
    const { file } = this.#at;
    if (file === null) return look(bytesSource(this.#at.memory));
    const length = this.bytes;
    return look({
      length,
      read(offset, count) {
        const bytes = new Uint8Array(Math.max(0, Math.min(count, length - offset)));
        return bytes.subarray(0, readSync(file.fd, bytes, 0, bytes.length, offset));
      },
    });
  }

  /** Copies the file to another folder: by what is open, so that it works also where the first folder is gone. */
  async moveTo(folder: string): Promise<void> {
    const next = await copied(this.#at, this.bytes, folder);
    await drop(this.#at);
    this.#at = next;
  }

  /** All bytes in memory; nothing is left on a disk. */
  async toMemory(): Promise<Uint8Array> {
    const at = this.#at;
    const memory = await wholeOf(at, this.bytes);
    await drop(at);
    this.#at = inMemory(memory);
    return memory;
  }

  /** For when the file has its name: it is not touched. */
  async close(): Promise<void> {
    await this.#at.file?.close();
  }

  async discard(): Promise<void> {
    await drop(this.#at);
  }
}

/** Where bytes are on their way in. */
type Place =
  | { readonly file: FileHandle; readonly folder: string; readonly path: string }
  | { readonly file: null; readonly folder: null; readonly path: null; readonly memory: Uint8Array };

function inMemory(memory: Uint8Array): Place {
  return { file: null, folder: null, path: null, memory };
}

/**
 * Takes bytes in that cannot be had again: into a file in the first of the folders that takes it. Where one fails in the middle, what it
 * had is copied to the next, and where all do, memory takes the rest. Rejects only as the bytes themselves do, leaving nothing behind.
 */
export async function land(bytes: AsyncIterable<Uint8Array>, folders: readonly string[]): Promise<Landed> {
  const landing = new Landing(folders);
  try {
    for await (const chunk of bytes) await landing.write(chunk);
    return await landing.end();
  } catch (error) {
    await landing.discard();
    throw error;
  }
}

class Landing {
  readonly #hash = createHash('sha256');
  readonly #folders: string[];
  readonly #memory: Uint8Array[] = [];
  #at: Place | null = null;
  #length = 0;

  constructor(folders: readonly string[]) {
    this.#folders = [...folders];
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#hash.update(chunk);
    for (this.#at ??= await this.#next(null); this.#at.file !== null; this.#at = await this.#next(this.#at)) {
      try {
        await writeAt(this.#at.file, chunk, this.#length);
        break;
      } catch {
        // The next place has all that was written up to this chunk.
        continue;
      }
    }
    // Whoever gave the chunk may use its memory again.
    if (this.#at.file === null) this.#memory.push(chunk.slice());
    this.#length += chunk.length;
    checkpoint('image arriving');
  }

  async end(): Promise<Landed> {
    for (this.#at ??= await this.#next(null); this.#at.file !== null; this.#at = await this.#next(this.#at)) {
      try {
        await this.#at.file.sync();
        break;
      } catch {
        continue;
      }
    }
    const at = this.#at.file === null ? inMemory(Buffer.concat(this.#memory)) : this.#at;
    return new Landed(this.#hash.digest('hex'), this.#length, at);
  }

  async discard(): Promise<void> {
    if (this.#at !== null) await drop(this.#at);
  }

  /** The next place that takes what the last one had. */
  async #next(last: Place | null): Promise<Place> {
    for (let folder = this.#folders.shift(); folder !== undefined; folder = this.#folders.shift()) {
      try {
        const next = last === null ? await opened(folder) : await copied(last, this.#length, folder);
        if (last !== null) await drop(last);
        return next;
      } catch {
        continue;
      }
    }
    if (last !== null) {
      this.#memory.push(await wholeOf(last, this.#length));
      await drop(last);
    }
    return inMemory(new Uint8Array());
  }
}

async function opened(folder: string): Promise<Extract<Place, { file: FileHandle }>> {
  const path = join(folder, randomUUID());
  return { file: await open(path, 'wx+'), folder, path };
}

async function copied(from: Place, length: number, folder: string): Promise<Place> {
  const to = await opened(folder);
  try {
    for (let at = 0; at < length; at += COPY_BYTES) {
      await writeAt(to.file, await part(from, at, Math.min(COPY_BYTES, length - at)), at);
    }
    await to.file.sync();
    return to;
  } catch (error) {
    await drop(to);
    throw error;
  }
}

async function part(from: Place, offset: number, count: number): Promise<Uint8Array> {
  if (from.file === null) return from.memory.subarray(offset, offset + count);
  const bytes = new Uint8Array(count);
  for (let read = 0; read < count;) {
    const { bytesRead } = await from.file.read(bytes, read, count - read, offset + read);
    if (bytesRead === 0) throw new Error('A file that was just written is shorter than what was written');
    read += bytesRead;
  }
  return bytes;
}

function wholeOf(at: Place, length: number): Promise<Uint8Array> {
  return part(at, 0, length);
}

async function writeAt(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, position + written);
    written += bytesWritten;
  }
}

/** What fails here has failed before, and been seen to. */
async function drop({ file, path }: Place): Promise<void> {
  if (file === null) return;
  await file.close().catch(() => undefined);
  await rm(path, { force: true }).catch(() => undefined);
}
