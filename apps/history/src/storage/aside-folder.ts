import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { nullIfMissing, syncFolder } from './disk.ts';
import { pathOf, pathsOf } from './folder-layout.ts';
import { LIST_BATCH, type RemovalGuard } from './image-store.ts';

/**
 * Removes files of a folder in two steps. Between the check of a file's age and its removal, another process may put a new file under the
 * same name. So a file is moved aside first: the rename takes whichever file has the name at that moment, and no process can touch or
 * replace it there. Then age and rows are checked once more, and a wanted file is moved back. Files that a dead process left aside are
 * handled by the next `clear`, in any process: by the age for which they were taken, which their name tells.
 */
export class AsideFolder {
  readonly #root: string;
  readonly #folder: string;

  /** `folder` is on the file system of the store in `root`. */
  constructor(root: string, folder: string) {
    this.#root = root;
    this.#folder = folder;
  }

  /** Moves each copy of a file that is older than `before` aside, under a unique name, so that no other file is replaced. */
  async take(sha256: string, before: number): Promise<void> {
    for (const path of pathsOf(this.#root, sha256)) {
      const found = await nullIfMissing(stat(path));
      if (found === null || found.mtimeMs >= before) continue;
      await mkdir(this.#folder, { recursive: true });
      await nullIfMissing(rename(path, join(this.#folder, `${sha256}.${Math.floor(before)}.${randomUUID()}`)));
    }
  }

  /** Removes or restores every file that is aside. Returns how many were removed permanently. */
  async clear({ before, wanted }: RemovalGuard): Promise<number> {
    const names = (await nullIfMissing(readdir(this.#folder))) ?? [];
    let count = 0;
    for (let from = 0; from < names.length; from += LIST_BATCH) {
      const batch = names.slice(from, from + LIST_BATCH);
      const known = await wanted(batch.map(hashOf));
      for (const name of batch) if (await this.#judge(name, before, known)) count++;
    }
    return count;
  }

  /** Removes a file permanently or restores it. True if it was removed. */
  async #judge(name: string, before: number, known: ReadonlySet<string>): Promise<boolean> {
    const path = join(this.#folder, name);
    const found = await nullIfMissing(stat(path));
    // Another process has handled it.
    if (found === null) return false;
    if (known.has(hashOf(name)) || found.mtimeMs >= (ageLimitOf(name) ?? before)) {
      await this.#putBack(path, hashOf(name));
      return false;
    }
    await rm(path, { force: true });
    return true;
  }

  /**
   * Restores a file as new, because its row may not be recorded yet. A file that was put meanwhile has the same bytes, so replacing it is
   * harmless.
   */
  async #putBack(path: string, sha256: string): Promise<void> {
    const to = pathOf(this.#root, sha256);
    const now = new Date();
    await nullIfMissing(utimes(path, now, now));
    await nullIfMissing(rename(path, to));
    await syncFolder(dirname(to));
  }
}

/** Files in the folder are named `<sha256>.<milliseconds since 1970>.<uuid>`. */
function hashOf(name: string): string {
  return name.slice(0, 64);
}

/** The time before which a file must have been put or touched to be removed. Null for one that an earlier version has moved aside. */
function ageLimitOf(name: string): number | null {
  const [, limit = ''] = name.split('.');
  return /^\d+$/.test(limit) ? Number(limit) : null;
}
