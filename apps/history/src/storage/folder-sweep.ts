import { randomUUID } from 'node:crypto';
import { access, mkdir, open, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing, syncFolder } from './disk.ts';
import { pathOf, TEMPORARY } from './folder-layout.ts';
import { clearLeftovers } from './leftovers.ts';

/** Those of these files that a row knows. */
export type Known = (sha256s: readonly string[]) => Promise<ReadonlySet<string>>;

/** Folder of what is on its way out. */
const ASIDE = 'swept';

/** File that tells whose the store is. */
const OWNER = 'owner';

/** How many names are asked for at a time. */
const BATCH = 1000;

const HASH = /^[0-9a-f]{64}$/;

/**
 * Takes out of a folder of images what no row knows. A file is written before its row, by any replica, so one that is unknown may be
 * known in a moment: only what is older than any generation takes is taken, and each time that an image lands or is used again its file
 * is new. Between the look at its age and its removal a file may be written anew by its name. So it is moved aside first, which takes
 * whatever lies there now, and judged once more, age and rows: what is wanted after all goes back. A process that dies in between leaves
 * it aside, for the next round to judge.
 */
export class FolderSweep {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The time by the clock that files get theirs from: on a network that is another machine's. */
  async now(): Promise<number> {
    const path = join(this.#folder, TEMPORARY, randomUUID());
    await writeFile(path, '', { flag: 'wx' });
    try {
      return (await stat(path)).mtimeMs;
    } finally {
      await rm(path, { force: true });
    }
  }

  /** The id of the database that the store belongs to; null where it says none. */
  async owner(): Promise<string | null> {
    try {
      return (await readFile(join(this.#folder, OWNER), 'utf8')).trim();
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  /** Says whose it is, durably, unless it says so already. Written aside, so that a crash leaves no half of a word. */
  async claim(owner: string): Promise<void> {
    if ((await this.owner()) !== null) return;
    const path = join(this.#folder, TEMPORARY, randomUUID());
    const file = await open(path, 'wx');
    try {
      await file.writeFile(`${owner}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(path, join(this.#folder, OWNER));
    await syncFolder(this.#folder);
  }

  async has(sha256: string): Promise<boolean> {
    try {
      await access(pathOf(this.#folder, sha256));
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  }

  /** What a dead process has left half-written. Returns how many there were. */
  clearLeftovers(before: number): Promise<number> {
    return clearLeftovers(join(this.#folder, TEMPORARY), before);
  }

  /** Removes unknown files older than `before` among those whose hash begins with these two digits. Returns how many. */
  async removeUnknown(prefix: string, before: number, known: Known): Promise<number> {
    for await (const names of this.#batches(prefix)) {
      const wanted = await known(names);
      for (const name of names) if (!wanted.has(name)) await this.#moveAside(name, before);
    }
    return this.#clearAside(before, known);
  }

  async *#batches(prefix: string): AsyncGenerator<readonly string[]> {
    let batch: string[] = [];
    for (const folder of await namesIn(join(this.#folder, prefix))) {
      const names = await namesIn(join(this.#folder, prefix, folder));
      batch.push(...names.filter((name) => HASH.test(name) && name.startsWith(prefix + folder)));
      if (batch.length < BATCH) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  }

  /** Under a name of its own, so that one that is aside is never replaced. */
  async #moveAside(sha256: string, before: number): Promise<void> {
    const path = pathOf(this.#folder, sha256);
    const found = await ifThere(stat(path));
    if (found === null || found.mtimeMs >= before) return;
    await mkdir(join(this.#folder, ASIDE), { recursive: true });
    await ifThere(rename(path, join(this.#folder, ASIDE, `${sha256}.${randomUUID()}`)));
  }

  async #clearAside(before: number, known: Known): Promise<number> {
    const names = await namesIn(join(this.#folder, ASIDE));
    let count = 0;
    for (let from = 0; from < names.length; from += BATCH) {
      const batch = names.slice(from, from + BATCH).map((name) => ({ name, sha256: name.slice(0, 64) }));
      const wanted = await known(batch.map(({ sha256 }) => sha256));
      for (const { name, sha256 } of batch) {
        const path = join(this.#folder, ASIDE, name);
        const found = await ifThere(stat(path));
        if (found === null) continue;
        if (wanted.has(sha256) || found.mtimeMs >= before) await this.#putBack(path, sha256);
        else await rm(path, { force: true });
        count += wanted.has(sha256) || found.mtimeMs >= before ? 0 : 1;
      }
    }
    return count;
  }

  /** As new: whoever wanted it has not recorded it yet. One that has come meanwhile has the same bytes. */
  async #putBack(path: string, sha256: string): Promise<void> {
    const to = pathOf(this.#folder, sha256);
    const now = new Date();
    await ifThere(utimes(path, now, now));
    await ifThere(rename(path, to));
    await syncFolder(join(to, '..'));
  }
}

async function namesIn(folder: string): Promise<string[]> {
  return (await ifThere(readdir(folder))) ?? [];
}

/** Null where the file or folder is not there: another replica may have been faster. */
async function ifThere<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
