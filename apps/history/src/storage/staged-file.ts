import { randomUUID } from 'node:crypto';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { AsyncByteSource } from '@wan-image/core';

/** How many of its first bytes a staged file has in memory. */
export const HEAD_BYTES = 4096;

/** How much is copied at a time from a failed disk. */
const COPY_BYTES = 256 * 1024;

/** Where staged bytes are. */
export type Location =
  | { readonly file: FileHandle; readonly folder: string; readonly path: string }
  | { readonly file: null; readonly folder: null; readonly path: null; readonly memory: Uint8Array };

/**
 * Complete bytes without a final name: in a synced file, or in memory. The code that stages a file must end it, with the `put` of a store
 * or with `discard`.
 */
export class StagedFile implements AsyncByteSource {
  /** Lowercase hex. */
  readonly sha256: string;
  readonly bytes: number;
  readonly #head: Uint8Array;
  #at: Location;

  /** `head` is a copy of the first bytes, as many as {@link HEAD_BYTES}: the header of most images. */
  constructor(sha256: string, bytes: number, at: Location, head: Uint8Array) {
    this.sha256 = sha256;
    this.bytes = bytes;
    this.#at = at;
    this.#head = head;
  }

  get length(): number {
    return this.bytes;
  }

  /** The path of the file if it is in this folder, else null. */
  pathIn(folder: string): string | null {
    return this.#at.folder === folder ? this.#at.path : null;
  }

  /** Reads at any position; the first bytes without the disk. */
  async read(offset: number, count: number): Promise<Uint8Array> {
    const end = Math.min(offset + count, this.bytes);
    if (end <= this.#head.length) return this.#head.subarray(offset, end);
    return bytesAt(this.#at, offset, Math.max(0, end - offset));
  }

  /** The first bytes. Rejects if the disk does not return what was written. */
  head(count: number): Promise<Uint8Array> {
    return bytesAt(this.#at, 0, Math.min(count, this.bytes));
  }

  /**
   * Copies the bytes to a file in another folder, through the open handle, and removes the first file: this works even if its folder is
   * missing.
   */
  async moveTo(folder: string): Promise<void> {
    const next = await copyOf(this.#at, this.bytes, folder);
    await drop(this.#at);
    this.#at = next;
  }

  /** Reads all bytes into memory and removes the file. */
  async toMemory(): Promise<Uint8Array> {
    const memory = await bytesAt(this.#at, 0, this.bytes);
    await drop(this.#at);
    this.#at = inMemory(memory);
    return memory;
  }

  /**
   * Closes the file and leaves it in its folder: after a store has renamed it, or while it waits with many others. Only `put` and `discard`
   * may follow. Never rejects: the bytes are synced, so a failed close loses nothing.
   */
  async release(): Promise<void> {
    await this.#at.file?.close().catch(() => undefined);
  }

  /** Removes the bytes. Does nothing after a store has taken ownership of the file. */
  async discard(): Promise<void> {
    await drop(this.#at);
  }
}

export function inMemory(memory: Uint8Array): Location {
  return { file: null, folder: null, path: null, memory };
}

/** Creates an empty file with a unique name. */
export async function createIn(folder: string): Promise<Extract<Location, { file: FileHandle }>> {
  const path = join(folder, randomUUID());
  return { file: await open(path, 'wx+'), folder, path };
}

/** Copies the first `length` bytes to a new file and syncs it; on failure, the copy is removed. */
export async function copyOf(from: Location, length: number, folder: string): Promise<Location> {
  const to = await createIn(folder);
  try {
    for (let at = 0; at < length; at += COPY_BYTES) {
      await writeAt(to.file, await bytesAt(from, at, Math.min(COPY_BYTES, length - at)), at);
    }
    await to.file.sync();
    return to;
  } catch (error) {
    await drop(to);
    throw error;
  }
}

export async function bytesAt(from: Location, offset: number, count: number): Promise<Uint8Array> {
  if (from.file === null) return from.memory.subarray(offset, offset + count);
  const bytes = new Uint8Array(count);
  for (let read = 0; read < count;) {
    const { bytesRead } = await from.file.read(bytes, read, count - read, offset + read);
    if (bytesRead === 0) throw new Error('A file that was just written is shorter than what was written');
    read += bytesRead;
  }
  return bytes;
}

export async function writeAt(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, position + written);
    written += bytesWritten;
  }
}

/** Never rejects: on a failed disk, the error that matters is already reported. */
export async function drop({ file, path }: Location): Promise<void> {
  if (file === null) return;
  await file.close().catch(() => undefined);
  await rm(path, { force: true }).catch(() => undefined);
}
