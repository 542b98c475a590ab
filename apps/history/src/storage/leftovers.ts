import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Older than any picture takes to arrive. */
const LEFTOVER_AGE_MS = 24 * 60 * 60 * 1000;

/** What a crash left half-written counts for nothing. Only old files: another replica on the same folder may be writing. */
export async function clearLeftovers(temporary: string): Promise<void> {
  for (const name of await readdir(temporary)) {
    const path = join(temporary, name);
    const found = await stat(path).catch(() => null);
    if (found && Date.now() - found.mtimeMs > LEFTOVER_AGE_MS) await rm(path, { force: true });
  }
}
