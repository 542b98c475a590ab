import { access, mkdir, readdir, readFile, rename, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AsideFolder } from './aside-folder.ts';
import { checkRoom, checkWriting, clockOf, isMissing, nullIfMissing, renameDurably, syncFolder } from './disk.ts';
import { ASIDE, isHash, OWNER, pathOf, TEMPORARY } from './folder-layout.ts';
import { LIST_BATCH, type ByteRange, type ImageStore, type OpenFile, type RemovalGuard } from './image-store.ts';
import { openLocalFile } from './local-file.ts';
import type { StagedFile } from './staged-file.ts';
import { stage } from './staging.ts';

/** Opens a folder of images, and creates it if there is none. */
export async function openFolderStore(folder: string): Promise<ImageStore> {
  await mkdir(join(folder, TEMPORARY), { recursive: true });
  return new FolderStore(folder);
}

/** Images as `ab/cd/abcd…` by SHA-256. */
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
    await this.#rename(from, pathOf(this.#folder, file.sha256));
    await file.release();
  }

  async open(sha256: string, range?: ByteRange): Promise<OpenFile | null> {
    return openLocalFile(pathOf(this.#folder, sha256), range);
  }

  async has(sha256: string): Promise<boolean> {
    return (await nullIfMissing(access(pathOf(this.#folder, sha256)).then(() => true))) !== null;
  }

  async touch(sha256: string): Promise<boolean> {
    const now = new Date();
    return (await nullIfMissing(utimes(pathOf(this.#folder, sha256), now, now).then(() => true))) !== null;
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

  /** Staged and renamed, so that a crash leaves no half of an id. */
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

  /** Nearly always the folder of the file exists. */
  async #rename(from: string, to: string): Promise<void> {
    try {
      await renameDurably(from, to);
    } catch (error) {
      if (!isMissing(error)) throw error;
      const folder = dirname(to);
      const created = await mkdir(folder, { recursive: true });
      await rename(from, to);
      // A new folder has to be synced into its own as well.
      const parents = created === undefined ? [] : [dirname(folder), ...(created === folder ? [] : [this.#folder])];
      await Promise.all([folder, ...parents].map(syncFolder));
    }
  }

  /** The hashes in each folder of a shard. */
  async *#foldersOf(shard: string): AsyncGenerator<readonly string[], void, void> {
    for (const inner of await namesIn(join(this.#folder, shard))) {
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
