import type { ImageStore } from '../storage/image-store.ts';

/** Which of these files a row knows. */
export type KnownFiles = (sha256s: readonly string[]) => Promise<ReadonlySet<string>>;

/** How many files are looked for at the same time. */
const LOOKUPS = 8;

/**
 * Removes the files in a shard that no row knows, and returns how many. A file is stored before its row, by any process, so one that is
 * unknown now may be known in a moment. Two rules keep it: only what is older than `before`, which must be further back than any generation
 * takes, is removed; and the store asks for the rows once more when nobody can use the file under its name any longer.
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
  // Even if there are none: a process that died may have left a removal half done.
  return store.remove(unknown, { before, wanted: known });
}

/** Which of these files are not in the store. A few at a time: a folder on a network takes its time for each. */
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
