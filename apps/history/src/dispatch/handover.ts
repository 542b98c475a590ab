import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDiskFull, unlessFull } from '../storage/make-folders.ts';
import { FolderInUseError, lockFolder, type FolderLock } from '../storage/folder-lock.ts';

const ID_FILE = 'id';

/** How a process takes over from the previous one with the same DATA_DIR. */
export interface Handover {
  /** Whether no other process can use the database, so that all others are dead. */
  readonly alone: boolean;
  /** Worker id of the previous process, which is dead; null if there was none, or if another process on the same folder is alive. */
  readonly predecessor: string | null;
  /** Records this process as the next predecessor. Not synced: after a power cut, leases show which processes are dead. */
  takeOver(workerId: string): Promise<void>;
  release(): void;
}

const NONE: Omit<Handover, 'alone'> = { predecessor: null, takeOver: async () => undefined, release: () => undefined };

/**
 * A service that restarts after a crash need not wait for the lease of its predecessor: both have the same DATA_DIR, and the predecessor's
 * lock on it ended with its process. Replicas that share one DATA_DIR wait for leases.
 */
export async function openHandover(dataDir: string, alone: boolean): Promise<Handover> {
  const folder = join(dataDir, 'worker');
  const lock = alone ? null : await locked(folder);
  if (lock === null) return { ...NONE, alone };
  const path = join(folder, ID_FILE);
  const found = await readFile(path, 'utf8').catch(() => null);
  return {
    alone,
    predecessor: found?.trim() ?? null,
    async takeOver(workerId) {
      // On a full disk the next process waits for the lease of this one.
      await unlessFull(writeFile(`${path}.new`, `${workerId}\n`).then(() => rename(`${path}.new`, path)));
    },
    release: () => lock.release(),
  };
}

async function locked(folder: string): Promise<FolderLock | null> {
  try {
    return await lockFolder(folder);
  } catch (error) {
    // Without the lock this process waits for leases, as a replica does that shares its folder.
    if (error instanceof FolderInUseError || isDiskFull(error)) return null;
    throw error;
  }
}
