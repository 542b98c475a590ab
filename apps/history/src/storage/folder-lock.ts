import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { makeFolders, unlessFull } from './make-folders.ts';

/** Another process uses the data folder. The message names it and the remedy. */
export class FolderInUseError extends Error {}

export interface FolderLock {
  release(): void;
}

/** SQLite's code for "another process holds the lock". */
const SQLITE_BUSY = 5;

/**
 * Takes an exclusive lock on a data folder: PGlite takes no lock of its own, and two processes on one folder diverge silently. The
 * operating system holds the lock, through an SQLite file, so it ends with the process even if that is killed; a PID file would stay.
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  await makeFolders(folder);
  const holderPath = join(folder, 'lock-holder');
  const database = new DatabaseSync(join(folder, 'lock.sqlite'));
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (!isBusy(error)) throw error;
    const holder = await readFile(holderPath, 'utf8').catch(() => 'unknown');
    throw new FolderInUseError(
      `${folder} is in use by another wan-image history process (PID ${holder.trim()}). Stop it, set another DATA_DIR for this one, or use one PostgreSQL for both (DATABASE_URL).`,
      { cause: error },
    );
  }
  try {
    // The lock holds on a full disk too; only its holder cannot be named.
    await unlessFull(writeFile(holderPath, `${process.pid}\n`));
  } catch (error) {
    database.close();
    throw error;
  }
  return { release: () => database.close() };
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
}
