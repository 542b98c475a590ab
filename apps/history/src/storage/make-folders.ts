import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { nullIfMissing } from './disk.ts';

/**
 * Creates a folder and the folders above it. Not by `mkdir` with `recursive`: where a file system refuses a folder as missing, as /proc
 * does, that tries again for ever.
 */
export async function makeFolders(path: string): Promise<void> {
  const missing: string[] = [];
  for (let folder = resolve(path); (await nullIfMissing(stat(folder))) === null; folder = dirname(folder)) {
    missing.unshift(folder);
  }
  for (const folder of missing) await makeFolder(folder);
  // A file in place of the folder is an error of the disk, with its name.
  if (missing.length === 0 && !(await stat(path)).isDirectory()) await mkdir(path);
}

/** Not recursive. Does nothing if the folder exists. */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    if (!exists || !(await stat(path)).isDirectory()) throw error;
  }
}

/** SQLite's code for a full disk. */
const SQLITE_FULL = 13;

/** Whether the error says that a disk is full, or the share of it that this user may use. */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, errcode } = error as { readonly code?: unknown; readonly errcode?: unknown };
  return code === 'ENOSPC' || code === 'EDQUOT' || errcode === SQLITE_FULL;
}

/** Does nothing if the disk is full: the service starts nevertheless, and refuses what needs the room. */
export async function unlessFull(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!isDiskFull(error)) throw error;
  }
}
