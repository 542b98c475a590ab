import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Longer than any image takes to arrive: UPSTREAM_TIMEOUT_SECONDS is at most a day. */
export const LEFTOVER_AGE_MS = 48 * 60 * 60 * 1000;

/**
 * Removes incomplete files of dead processes from a staging folder, and returns how many there were. Only files written before `before`, in
 * milliseconds since 1970: another replica may be writing to the same folder.
 */
export async function clearLeftovers(staging: string, before: number): Promise<number> {
  let count = 0;
  for (const name of await readdir(staging)) {
    const path = join(staging, name);
    // An unreadable file does not stop the removal of the others.
    const found = await stat(path).catch(() => null);
    if (found === null || found.mtimeMs >= before) continue;
    await rm(path, { force: true });
    count++;
  }
  return count;
}
