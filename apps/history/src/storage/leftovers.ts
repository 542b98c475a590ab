import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Older than any image takes to arrive: UPSTREAM_TIMEOUT_SECONDS is a day at most. */
export const LEFTOVER_AGE_MS = 48 * 60 * 60 * 1000;

/**
 * What a crash left half-written counts for nothing. Only what is older than `before`: another replica on the same folder may be writing.
 * Returns how many there were.
 */
export async function clearLeftovers(temporary: string, before: number): Promise<number> {
  let count = 0;
  for (const name of await readdir(temporary)) {
    const path = join(temporary, name);
    const found = await stat(path).catch(() => null);
    if (found === null || found.mtimeMs >= before) continue;
    await rm(path, { force: true });
    count++;
  }
  return count;
}
