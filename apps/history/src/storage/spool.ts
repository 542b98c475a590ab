import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { checkRoom, checkWriting, nullIfMissing, renameDurably } from './disk.ts';
import type { OpenFile } from './image-store.ts';
import { clearLeftovers } from './leftovers.ts';
import { makeFolders, unlessFull } from './make-folders.ts';
import { openLocalFile } from './local-file.ts';
import type { StagedFile } from './staged-file.ts';

const TEMPORARY = 'tmp';

/** The folder of images that were paid for and that the store did not accept, each named by its image id. It survives a restart. */
export interface Spool {
  /** Folder in which files are staged: on the same file system, so that `put` is a rename. */
  readonly staging: string;
  /** Gives a file that was staged here a durable name. On rejection the file is untouched. */
  put(file: StagedFile, name: string): Promise<void>;
  /** Null if there is no file with that name. */
  open(name: string): Promise<OpenFile | null>;
  names(): Promise<string[]>;
  /** Does nothing if there is no file with that name. */
  remove(name: string): Promise<void>;
  /** Whether there is a file with that name that was written before that time, in milliseconds since 1970. */
  isOlder(name: string, before: number): Promise<boolean>;
  /** Throws if nothing can be written. */
  check(): Promise<void>;
  /** Like `check`, as far as possible without writing. */
  checkRoom(): Promise<void>;
  /** Removes incomplete files of dead processes that were written before that time, and returns how many there were. */
  clearLeftovers(before: number): Promise<number>;
}

/** Injection token: interfaces do not exist at run time. */
export const SPOOL = Symbol('SPOOL');

/** Opens the spool of a data folder, and creates it if there is none. */
export async function openSpool(dataDir: string): Promise<Spool> {
  const folder = join(dataDir, 'spool');
  const staging = join(folder, TEMPORARY);
  let isMade = false;
  const make = async (): Promise<void> => {
    if (isMade) return;
    await makeFolders(staging);
    isMade = true;
  };
  await unlessFull(make());
  // Only a disk that was full at first gets its folders later: those of a volume that is not mounted any more are not created.
  const checked = async (check: (folder: string) => Promise<void>): Promise<void> => {
    await make();
    await check(staging);
  };
  return {
    staging,
    async put(file, name) {
      const from = file.pathIn(staging);
      if (from === null) throw new Error('The file was not staged in the folder of the spool');
      await renameDurably(from, join(folder, name));
      await file.release();
    },
    open: (name) => openLocalFile(join(folder, name)),
    async names() {
      const entries = (await nullIfMissing(readdir(folder, { withFileTypes: true }))) ?? [];
      return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
    },
    remove: (name) => rm(join(folder, name), { force: true }),
    async isOlder(name, before) {
      const found = await stat(join(folder, name)).catch(() => null);
      return found !== null && found.mtimeMs < before;
    },
    check: () => checked(checkWriting),
    checkRoom: () => checked(checkRoom),
    clearLeftovers: async (before) => (await nullIfMissing(clearLeftovers(staging, before))) ?? 0,
  };
}
