import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { describeImageStore } from '../../test/support/image-store-contract.ts';
import { putText, stageText } from '../../test/support/stored-files.ts';
import { legacyPathOf, pathOf } from './folder-layout.ts';
import { openFolderStore } from './folder-store.ts';
import { LIST_BATCH, SHARDS, type ImageStore, type RemovalGuard } from './image-store.ts';
import { stage } from './staging.ts';

describeImageStore('a folder', openFolderStore);

const HOUR_MS = 3_600_000;
const nothing: RemovalGuard['wanted'] = async () => new Set();

let folder: string;
let store: ImageStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wan-image-folder-'));
  store = await openFolderStore(folder);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function filesIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

async function makeOld(path: string): Promise<void> {
  const seconds = (Date.now() - 100 * HOUR_MS) / 1000;
  await utimes(path, seconds, seconds);
}

test('a put into a new store creates no folder', async () => {
  const before = await readdir(folder);
  expect(before.filter((name) => name !== 'tmp').toSorted()).toEqual(SHARDS);
  const sha256 = await putText(store, 'first');
  expect(await readdir(folder)).toEqual(before);
  expect(await readdir(join(folder, sha256.slice(0, 2)))).toEqual([sha256]);
});

test('a put creates a missing shard folder', async () => {
  const sha256 = createHash('sha256').update('first').digest('hex');
  await rm(join(folder, sha256.slice(0, 2)), { recursive: true });
  expect(await putText(store, 'first')).toBe(sha256);
  expect(await store.has(sha256)).toBe(true);
});

test('a put that fails leaves the staged file, and its discard leaves nothing', async () => {
  const file = await stageText(store, 'refused');
  const shard = join(folder, file.sha256.slice(0, 2));
  await rm(shard, { recursive: true });
  await writeFile(shard, 'a file in place of the folder');
  await expect(store.put(file)).rejects.toThrow('ENOTDIR');
  await rm(shard);
  await store.put(file);
  expect(await store.has(file.sha256)).toBe(true);
  const other = await stageText(store, 'given up');
  await other.discard();
  expect(await readdir(store.staging)).toEqual([]);
});

test('a put does not create the store again if its folder is missing', async () => {
  const file = await stageText(store, 'unmounted');
  await rename(folder, `${folder}.away`);
  await expect(store.put(file)).rejects.toThrow('ENOENT');
  await expect(stat(folder)).rejects.toThrow('ENOENT');
  await rename(`${folder}.away`, folder);
  await file.discard();
});

test('a file that was staged on another disk is rejected', async () => {
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

test('a large shard is listed in batches', async () => {
  const names = Array.from({ length: LIST_BATCH + 1 }, (_, index) => `ab${index.toString(16).padStart(62, '0')}`);
  await Promise.all(names.map((name) => writeFile(join(folder, 'ab', name), '')));
  const batches: (readonly string[])[] = [];
  for await (const batch of store.list('ab')) batches.push(batch);
  expect(batches.map(({ length }) => length)).toEqual([LIST_BATCH, 1]);
  expect(batches.flat().toSorted()).toEqual(names);
});

test('a name that is not a hash of the shard is not listed', async () => {
  await writeFile(join(folder, 'ab', 'notes.txt'), '');
  await writeFile(join(folder, 'ab', 'cd'.repeat(32)), '');
  const batches = [];
  for await (const batch of store.list('ab')) batches.push(batch);
  expect(batches).toEqual([]);
});

test('a file that is new when it is moved aside is moved back', async () => {
  const sha256 = await putText(store, 'raced');
  await makeOld(pathOf(folder, sha256));
  const wanted = async (): Promise<ReadonlySet<string>> => {
    // As if a put had replaced the file between the check of its age and the rename.
    const [aside = ''] = await readdir(join(folder, 'swept'));
    const now = new Date();
    await utimes(join(folder, 'swept', aside), now, now);
    return new Set();
  };
  expect(await store.remove([sha256], { before: Date.now() - HOUR_MS, wanted })).toBe(0);
  expect(await store.has(sha256)).toBe(true);
  expect(await readdir(join(folder, 'swept'))).toEqual([]);
});

describe('a file that an earlier version stored', () => {
  /** In `ab/cd`, without any of the other folders: the layout of that version. */
  async function storeOfEarlierVersion(...texts: string[]): Promise<string[]> {
    for (const shard of SHARDS) await rm(join(folder, shard), { recursive: true });
    const sha256s = texts.map((text) => createHash('sha256').update(text).digest('hex'));
    for (const [index, sha256] of sha256s.entries()) {
      const path = legacyPathOf(folder, sha256);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, texts[index] ?? '');
      await makeOld(path);
    }
    store = await openFolderStore(folder);
    return sha256s;
  }

  async function textOf(sha256: string): Promise<string> {
    const file = await store.open(sha256);
    const chunks: Uint8Array[] = [];
    for await (const chunk of file?.stream() ?? []) chunks.push(chunk as Uint8Array);
    return Buffer.concat(chunks).toString();
  }

  test('is found, listed and read', async () => {
    const sha256s = await storeOfEarlierVersion('one', 'two');
    for (const [index, sha256] of sha256s.entries()) {
      expect([await store.has(sha256), await textOf(sha256)]).toEqual([true, ['one', 'two'][index]]);
      const listed = [];
      for await (const batch of store.list(sha256.slice(0, 2))) listed.push(...batch);
      expect(listed).toContain(sha256);
    }
  });

  test('is removed if it is not wanted, and stays if it was touched', async () => {
    const [old = '', touched = ''] = await storeOfEarlierVersion('old', 'touched');
    expect(await store.touch(touched)).toBe(true);
    expect(await store.remove([old, touched], { before: Date.now() - HOUR_MS, wanted: nothing })).toBe(1);
    expect([await store.has(old), await store.has(touched)]).toEqual([false, true]);
  });

  test('may be put again: the new file stays when the old one is removed', async () => {
    const [sha256 = ''] = await storeOfEarlierVersion('again');
    await putText(store, 'again');
    expect(await store.remove([sha256], { before: Date.now() - HOUR_MS, wanted: nothing })).toBe(1);
    expect(await filesIn(folder)).toEqual([sha256]);
    expect(await textOf(sha256)).toBe('again');
  });

  test('is moved back to the first path of this version if it is wanted', async () => {
    const [sha256 = ''] = await storeOfEarlierVersion('wanted');
    const wanted = async (): Promise<ReadonlySet<string>> => new Set([sha256]);
    expect(await store.remove([sha256], { before: Date.now() - HOUR_MS, wanted })).toBe(0);
    expect((await stat(pathOf(folder, sha256))).mtimeMs).toBeGreaterThan(Date.now() - HOUR_MS);
  });
});
