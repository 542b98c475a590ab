import type { ImageStore } from '../storage/image-store.ts';

/** Which of these files have a row. */
export type KnownFiles = (sha256s: readonly string[]) => Promise<ReadonlySet<string>>;

/** How many files are looked up concurrently. */
const LOOKUPS = 8;

/**
 * Removes the files in a shard that have no row, and returns how many. Any process stores a file before its row, so a file without a row
 * may get one in a moment. Two rules protect it: only files older than `before`, which must be longer ago than any generation takes, are
 * removed; and the store queries the rows once more when no process can use the file under its name any longer.
 */
export async function removeUnknownFiles(
  store: Pick<ImageStore, 'list' | 'remove'>,
  shard: string,
  before: number,
  known: KnownFiles,
): Promise<number> {
  const unknown: string[] = [];
  for await (const sha256s of store.list(shard)) {
    const wanted = await known(sha256s);
    unknown.push(...sha256s.filter((sha256) => !wanted.has(sha256)));
  }
  // Also without unknown files: a process that died may have left an incomplete removal.
  return store.remove(unknown, { before, wanted: known });
}

/** Which of these files are not in the store. Limited concurrency, because lookups in a network folder are slow. */
export async function missingFiles(
  store: Pick<ImageStore, 'has'>,
  sha256s: readonly string[],
): Promise<ReadonlySet<string>> {
  const queue = [...new Set(sha256s)];
  const missing = new Set<string>();
  const work = async (): Promise<void> => {
    for (let sha256 = queue.pop(); sha256 !== undefined; sha256 = queue.pop()) {
      if (!(await store.has(sha256))) missing.add(sha256);
    }
  };
  await Promise.all(Array.from({ length: LOOKUPS }, work));
  return missing;
}
