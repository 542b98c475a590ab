import { mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { putText } from '../../test/support/stored-files.ts';
import { pathOf } from '../storage/folder-layout.ts';
import { openFolderStore } from '../storage/folder-store.ts';
import type { ImageStore } from '../storage/image-store.ts';
import { missingFiles, removeUnknownFiles, type KnownFiles } from './unknown-files.ts';

let folder: string;
let store: ImageStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wan-image-unknown-'));
  store = await openFolderStore(folder);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const HOUR_MS = 3_600_000;

async function putOld(text: string): Promise<string> {
  const sha256 = await putText(store, text);
  const seconds = (Date.now() - 100 * HOUR_MS) / 1000;
  await utimes(pathOf(folder, sha256), seconds, seconds);
  return sha256;
}

function collect(sha256: string, known: KnownFiles): Promise<number> {
  return removeUnknownFiles(store, sha256.slice(0, 2), Date.now() - HOUR_MS, known);
}

/** One result per lookup: the first before the removal, the second within it. */
function inTurn(...looks: readonly (readonly string[])[]): KnownFiles {
  const remaining = [...looks];
  return async () => new Set(remaining.shift());
}

const nothing: KnownFiles = async () => new Set();

test('old files without a row are removed; known and new ones stay', async () => {
  const [old, known, recent] = [await putOld('old'), await putOld('known'), await putText(store, 'recent')];
  const isKnown: KnownFiles = async () => new Set([known]);
  expect([await collect(old, isKnown), await collect(known, isKnown), await collect(recent, isKnown)]).toEqual([
    1, 0, 0,
  ]);
  expect([await store.has(old), await store.has(known), await store.has(recent)]).toEqual([false, true, true]);
});

test('only files of the shard are removed', async () => {
  const [one, other] = [await putOld('old'), await putOld('another')];
  expect(one.slice(0, 2)).not.toBe(other.slice(0, 2));
  expect(await collect(one, nothing)).toBe(1);
  expect([await store.has(one), await store.has(other)]).toEqual([false, true]);
});

test('a file that is put or touched again stays, although the same bytes existed before', async () => {
  const [again, touched] = [await putOld('again'), await putOld('touched')];
  await putText(store, 'again');
  await store.touch(touched);
  expect([await collect(again, nothing), await collect(touched, nothing)]).toEqual([0, 0]);
  expect([await store.has(again), await store.has(touched)]).toEqual([true, true]);
});

test('a row that is committed between the two lookups keeps its file, with a new age', async () => {
  const sha256 = await putOld('recorded late');
  expect(await collect(sha256, inTurn([], [sha256]))).toBe(0);
  expect(await collect(sha256, nothing)).toBe(0);
  expect(await store.has(sha256)).toBe(true);
});

test('a removal that a dead process began is completed by the next pass, over any shard', async () => {
  const [wanted, unwanted] = [await putOld('wanted'), await putOld('unwanted')];
  for (const sha256 of [wanted, unwanted]) {
    let looks = 0;
    const known: KnownFiles = () =>
      looks++ === 0 ? Promise.resolve(new Set<string>()) : Promise.reject(new Error('the process dies'));
    await expect(collect(sha256, known)).rejects.toThrow('the process dies');
  }
  expect(await store.has(wanted)).toBe(false);
  const emptyShard = ['00', '01', '02'].find((shard) => !wanted.startsWith(shard) && !unwanted.startsWith(shard)) ?? '';
  expect(await removeUnknownFiles(store, emptyShard, Date.now() - HOUR_MS, async () => new Set([wanted]))).toBe(1);
  expect([await store.has(wanted), await store.has(unwanted)]).toEqual([true, false]);
});

test('a missing file is returned once, however often it is requested', async () => {
  const there = await putText(store, 'there');
  const missing = await putOld('removed');
  await collect(missing, nothing);
  expect(await missingFiles(store, [missing, there, missing])).toEqual(new Set([missing]));
  expect(await missingFiles(store, [])).toEqual(new Set());
});
