import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeImageStore } from '../../test/support/image-store-contract.ts';
import { putText, stageText } from '../../test/support/stored-files.ts';
import { pathOf } from './folder-layout.ts';
import { openFolderStore } from './folder-store.ts';
import type { ImageStore } from './image-store.ts';
import { stage } from './staging.ts';

describeImageStore('a folder', openFolderStore);

const HOUR_MS = 3_600_000;

let folder: string;
let store: ImageStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wan-image-folder-'));
  store = await openFolderStore(folder);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function makeOld(path: string): Promise<void> {
  const seconds = (Date.now() - 100 * HOUR_MS) / 1000;
  await utimes(path, seconds, seconds);
}

test('a put that fails leaves the staged file, and its discard leaves nothing', async () => {
  const file = await stageText(store, 'refused');
  const shard = join(folder, file.sha256.slice(0, 2));
  await rm(shard, { recursive: true, force: true });
  await writeFile(shard, 'a file in place of the folder');
  await expect(store.put(file)).rejects.toThrow('ENOTDIR');
  await rm(shard);
  await store.put(file);
  expect(await store.has(file.sha256)).toBe(true);
  const other = await stageText(store, 'given up');
  await other.discard();
  expect(await readdir(store.staging)).toEqual([]);
});

test('a file that was staged on another disk is refused', async () => {
  const elsewhere = await mkdtemp(join(tmpdir(), 'wan-image-elsewhere-'));
  async function* bytes(): AsyncGenerator<Uint8Array, void, void> {
    yield Buffer.from('elsewhere');
  }
  const file = await stage(bytes(), elsewhere);
  await expect(store.put(file)).rejects.toThrow('was not staged in');
  expect(await readdir(elsewhere)).toHaveLength(1);
  await file.discard();
  await rm(elsewhere, { recursive: true });
});

test('a file that is new when it is moved aside goes back', async () => {
  const sha256 = await putText(store, 'raced');
  await makeOld(pathOf(folder, sha256));
  const wanted = async (): Promise<ReadonlySet<string>> => {
    // As if a put had replaced the file between the look at its age and the rename.
    const [aside = ''] = await readdir(join(folder, 'swept'));
    const now = new Date();
    await utimes(join(folder, 'swept', aside), now, now);
    return new Set();
  };
  expect(await store.remove([sha256], { before: Date.now() - HOUR_MS, wanted })).toBe(0);
  expect(await store.has(sha256)).toBe(true);
  expect(await readdir(join(folder, 'swept'))).toEqual([]);
});
