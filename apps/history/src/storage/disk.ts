import { constants } from 'node:fs';
import { access, open, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';

/** Below this a disk counts as full, so that readiness tells while what is under way still fits. */
const LEAST_FREE_BYTES = 64 * 1024 * 1024;

/** Throws where a folder is gone, may not be written, or has no room. Writes nothing, so it is cheap. */
export async function checkRoom(folder: string): Promise<void> {
  await access(folder, constants.W_OK | constants.X_OK);
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free < LEAST_FREE_BYTES) {
    throw new Error(
      `The disk of ${folder} has ${free} bytes free, and ${LEAST_FREE_BYTES} are the fewest to work with`,
    );
  }
}

/** Throws where nothing can be written durably, or there is no room. */
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

/** A name is durable only when its folder is synced. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Whether a file or folder was not there. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
