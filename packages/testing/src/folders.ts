import { access, constants, mkdtemp, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { disposable } from './resource.ts';

/** A file system in memory, on Linux. */
const MEMORY = '/dev/shm';

/** What the tests write at a time is well below it. */
const ROOM_BYTES = 4 * 1024 ** 3;

/** An empty folder that is removed with everything in it: `await using folder = await temporaryFolder()`. */
export async function temporaryFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'wan-image-test-'));
  return disposable({ path }, () => rm(path, { recursive: true, force: true }));
}

/**
 * An empty folder for a database, or for the data of a service, that only the test reads: in memory if there is plenty of it. Each test
 * creates and deletes hundreds of files, which takes a third of the time of all tests on a disk.
 */
export async function volatileFolder(prefix: string): Promise<string> {
  return mkdtemp(join((await hasMemory()) ? MEMORY : tmpdir(), prefix));
}

async function hasMemory(): Promise<boolean> {
  try {
    await access(MEMORY, constants.W_OK);
    const { bavail, bsize } = await statfs(MEMORY);
    // The limit of a container is not that of its file system.
    return Math.min(bavail * bsize, process.availableMemory() / 2) >= ROOM_BYTES;
  } catch {
    return false;
  }
}
