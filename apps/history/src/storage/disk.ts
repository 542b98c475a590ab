import { constants } from 'node:fs';
import { access, open, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { randomUUID } from 'node:crypto';

/** Below this a disk counts as full: readiness fails while generations in flight can still be stored. */
export const LEAST_FREE_BYTES = 64 * 1024 * 1024;

/** Throws if a folder is missing, not writable, or full. Writes nothing, so it is cheap. */
export async function checkRoom(folder: string): Promise<void> {
  await access(folder, constants.W_OK | constants.X_OK);
  const free = await freeBytesOf(folder);
  if (free < LEAST_FREE_BYTES) {
    throw new Error(`The disk of ${folder} has ${free} bytes free; at least ${LEAST_FREE_BYTES} are needed`);
  }
}

/** What this user may still write on the disk of a folder, in bytes. */
export async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** Throws if nothing can be written durably, or the disk is full. */
export async function checkWriting(folder: string): Promise<void> {
  await checkRoom(folder);
  const path = join(folder, randomUUID());
  try {
    const file = await open(path, 'wx');
    try {
      await file.writeFile(new Uint8Array([1]));
      await file.sync();
    } finally {
      await file.close();
    }
  } finally {
    await rm(path, { force: true });
  }
}

/** The time by the clock that timestamps files in this folder, in milliseconds since 1970: on a network disk, another machine's. */
export async function clockOf(folder: string): Promise<number> {
  const path = join(folder, randomUUID());
  await writeFile(path, '', { flag: 'wx' });
  try {
    return (await stat(path)).mtimeMs;
  } finally {
    await rm(path, { force: true });
  }
}

/** Gives a synced file its final name. When it resolves, the name survives a power cut. */
export async function renameDurably(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncFolder(dirname(to));
}

/** Syncs a folder: only then are the names in it durable. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Whether the error says that a file or folder does not exist. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/** Null instead of an error if the file or folder does not exist: another process may have removed it first. */
export async function nullIfMissing<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
