import { access, readdir, readFile, rename, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AsideFolder } from './aside-folder.ts';
import { checkRoom, checkWriting, clockOf, isMissing, nullIfMissing, renameDurably, syncFolder } from './disk.ts';
import { ASIDE, isHash, OWNER, pathOf, pathsOf, TEMPORARY } from './folder-layout.ts';
import {
  LIST_BATCH,
  SHARDS,
  type ByteRange,
  type ImageStore,
  type OpenFile,
  type RemovalGuard,
} from './image-store.ts';
import { makeFolder, makeFolders, unlessFull } from './make-folders.ts';
import { openLocalFile } from './local-file.ts';
import type { StagedFile } from './staged-file.ts';
import { stage } from './staging.ts';

/**
 * Opens a folder of images, and creates it if there is none. The shard folders are created here, once: creating a folder for an image costs
 * another sync, of its parent folder.
 */
export async function openFolderStore(folder: string): Promise<ImageStore> {
  await unlessFull(makeFolders(join(folder, TEMPORARY)));
  // Best effort: on a full disk the service must still serve stored images; `put` creates missing folders later.
  await makeShards(folder).catch(() => undefined);
  return new FolderStore(folder);
}

async function makeShards(folder: string): Promise<void> {
  const existing = new Set(await readdir(folder));
  const missing = SHARDS.filter((shard) => !existing.has(shard));
  await Promise.allSettled(missing.map((shard) => makeFolder(join(folder, shard))));
  // Even if none was missing: the process that created them may have died before it synced them.
  await syncFolder(folder);
}

/** Images as `ab/abcd…` by SHA-256. Files that earlier versions stored as `ab/cd/abcd…` are found, listed and removed there. */
class FolderStore implements ImageStore {
  readonly staging: string;
  readonly #folder: string;
  readonly #aside: AsideFolder;

  constructor(folder: string) {
    this.staging = join(folder, TEMPORARY);
    this.#folder = folder;
    this.#aside = new AsideFolder(folder, join(folder, ASIDE));
  }

  async put(file: StagedFile): Promise<void> {
    const from = this.#stagedPathOf(file);
    const to = pathOf(this.#folder, file.sha256);
    try {
      await renameDurably(from, to);
    } catch (error) {
      if (!isMissing(error)) throw error;
      await makeFolder(dirname(to));
      await rename(from, to);
      await Promise.all([dirname(to), this.#folder].map(syncFolder));
    }
    await file.release();
  }

  async open(sha256: string, range?: ByteRange): Promise<OpenFile | null> {
    for (const path of pathsOf(this.#folder, sha256)) {
      const file = await openLocalFile(path, range);
      if (file !== null) return file;
    }
    return null;
  }

  async has(sha256: string): Promise<boolean> {
    return (await this.#firstOf(sha256, (path) => access(path))) !== null;
  }

  async touch(sha256: string): Promise<boolean> {
    const now = new Date();
    return (await this.#firstOf(sha256, (path) => utimes(path, now, now))) !== null;
  }

  async *list(shard: string): AsyncGenerator<readonly string[], void, void> {
    let batch: string[] = [];
    for await (const names of this.#foldersOf(shard)) {
      for (const name of names) {
        if (batch.push(name) < LIST_BATCH) continue;
        yield batch;
        batch = [];
      }
    }
    if (batch.length > 0) yield batch;
  }

  async remove(sha256s: readonly string[], guard: RemovalGuard): Promise<number> {
    for (const sha256 of sha256s) await this.#aside.take(sha256, guard.before);
    return this.#aside.clear(guard);
  }

  now(): Promise<number> {
    return clockOf(this.staging);
  }

  async owner(): Promise<string | null> {
    const text = await nullIfMissing(readFile(join(this.#folder, OWNER), 'utf8'));
    return text === null ? null : text.trim();
  }

  /** Staged and renamed, so that a crash leaves no partial id. */
  async claim(owner: string): Promise<void> {
    if ((await this.owner()) !== null) return;
    const file = await stage(lineOf(owner), this.staging);
    try {
      await renameDurably(this.#stagedPathOf(file), join(this.#folder, OWNER));
    } finally {
      await file.discard();
    }
  }

  check(): Promise<void> {
    return checkWriting(this.staging);
  }

  checkRoom(): Promise<void> {
    return checkRoom(this.staging);
  }

  #stagedPathOf(file: StagedFile): string {
    const path = file.pathIn(this.staging);
    if (path === null)
      throw new Error(`The file was not staged in ${this.staging}: the disk of the store failed before`);
    return path;
  }

  /** Runs `work` on the paths of a file in order, and returns the first that exists; null if there is none. */
  async #firstOf(sha256: string, work: (path: string) => Promise<void>): Promise<string | null> {
    for (const path of pathsOf(this.#folder, sha256)) {
      const found = await nullIfMissing(work(path).then(() => path));
      if (found !== null) return found;
    }
    return null;
  }

  /** The hashes in the folder of a shard, then those in each subfolder that an earlier version created. */
  async *#foldersOf(shard: string): AsyncGenerator<readonly string[], void, void> {
    const names = await namesIn(join(this.#folder, shard));
    yield names.filter((name) => isHash(name) && name.startsWith(shard));
    for (const inner of names.filter((name) => /^[0-9a-f]{2}$/.test(name))) {
      const innerNames = await namesIn(join(this.#folder, shard, inner));
      yield innerNames.filter((name) => isHash(name) && name.startsWith(shard + inner));
    }
  }
}

async function namesIn(folder: string): Promise<string[]> {
  return (await nullIfMissing(readdir(folder))) ?? [];
}

async function* lineOf(text: string): AsyncGenerator<Uint8Array, void, void> {
  yield Buffer.from(`${text}\n`);
}
