import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { checkRoom, checkWriting, isMissing, syncFolder } from './disk.ts';
import { clearLeftovers } from './leftovers.ts';
import { chunksOf } from './chunks.ts';
import { READ_BYTES } from './image-store.ts';

const TEMPORARY = 'tmp';

/** The folder of images that were paid for and that the store did not take, each under its id: they are found again after a restart. */
export interface Spool {
  /** For files on their way in, on the same file system. */
  readonly staging: string;
  /** Gives a file from the staging folder its name, durably. */
  adopt(path: string, name: string): Promise<void>;
  /** Null where there is none of that name. */
  read(name: string): Promise<Readable | null>;
  names(): Promise<string[]>;
  /** As of the store. */
  chunks(name: string, bytes: number): AsyncIterable<Uint8Array>;
  remove(name: string): Promise<void>;
  /** Whether one was written before that time, in milliseconds since 1970. */
  isOlder(name: string, before: number): Promise<boolean>;
  /** What a dead process has left half-written before that time. Returns how many there were. */
  clearLeftovers(before: number): Promise<number>;
  /** Throws where nothing can be written. */
  check(): Promise<void>;
  /** The same as far as it can be told without writing. */
  checkRoom(): Promise<void>;
}

/** For injection: the port has no class. */
export const SPOOL = Symbol('SPOOL');

export async function openSpool(dataDir: string): Promise<Spool> {
  const folder = join(dataDir, 'spool');
  const staging = join(folder, TEMPORARY);
  await mkdir(staging, { recursive: true });
  return {
    staging,
    async adopt(path, name) {
      await rename(path, join(folder, name));
      await syncFolder(folder);
    },
    async read(name) {
      try {
        const file = await open(join(folder, name), 'r');
        return createReadStream('', { fd: file, highWaterMark: READ_BYTES });
      } catch (error) {
        if (isMissing(error)) return null;
        throw error;
      }
    },
    chunks: (name, bytes) => chunksOf(join(folder, name), bytes),
    async names() {
      const entries = await readdir(folder, { withFileTypes: true });
      return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
    },
    remove: (name) => rm(join(folder, name), { force: true }),
    async isOlder(name, before) {
      const found = await stat(join(folder, name)).catch(() => null);
      return found !== null && found.mtimeMs < before;
    },
    clearLeftovers: (before) => clearLeftovers(staging, before),
    check: () => checkWriting(staging),
    checkRoom: () => checkRoom(staging),
  };
}
