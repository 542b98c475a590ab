import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openFolderStore } from './folder-store.ts';
import { FolderSweep, type Known } from './folder-sweep.ts';
import type { ImageStore } from './image-store.ts';

let folder: string;
let store: ImageStore;
let sweep: FolderSweep;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wan-image-sweep-'));
  store = await openFolderStore(folder);
  sweep = new FolderSweep(folder);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const HOUR_MS = 3_600_000;

const nothing: Known = async () => new Set();

const pathOf = (sha256: string): string => join(folder, sha256.slice(0, 2), sha256.slice(2, 4), sha256);

async function land(text: string): Promise<string> {
  async function* chunks(): AsyncIterable<Uint8Array> {
    yield new TextEncoder().encode(text);
  }
  const staged = await store.stage(chunks());
  await staged.commit();
  return staged.sha256;
}

async function makeOld(path: string): Promise<void> {
  const seconds = (Date.now() - 100 * HOUR_MS) / 1000;
  await utimes(path, seconds, seconds);
}

async function landOld(text: string): Promise<string> {
  const sha256 = await land(text);
  await makeOld(pathOf(sha256));
  return sha256;
}

const remove = async (sha256: string, known: Known, before = Date.now() - HOUR_MS): Promise<number> =>
  sweep.removeUnknown(sha256.slice(0, 2), before, known);

const isThere = (sha256: string): Promise<boolean> => sweep.has(sha256);

test('what is old and unknown goes; what is known or new stays', async () => {
  const [old, known, recent] = [await landOld('old'), await landOld('known'), await land('recent')];
  const isKnown: Known = async () => new Set([known]);
  expect([await remove(old, isKnown), await remove(known, isKnown), await remove(recent, isKnown)]).toEqual([1, 0, 0]);
  expect([await isThere(old), await isThere(known), await isThere(recent)]).toEqual([false, true, true]);
  expect(await readdir(join(folder, 'swept'))).toEqual([]);
});

test('a file that lands again or is used again is new, though the same bytes lay there', async () => {
  const [landed, renewed] = [await landOld('landed'), await landOld('renewed')];
  await land('landed');
  await store.renew(renewed);
  expect([await remove(landed, nothing), await remove(renewed, nothing)]).toEqual([0, 0]);
});

test('a file that lands between the look at its age and its removal goes back', async () => {
  const sha256 = await landOld('raced');
  let looks = 0;
  const whileItLands: Known = async () => {
    // The second look: the old file has been moved aside, or the new one in its place.
    if (looks++ === 1) {
      const [aside = ''] = await readdir(join(folder, 'swept'));
      await store.renew(sha256).catch(() => undefined);
      const now = new Date();
      await utimes(join(folder, 'swept', aside), now, now);
    }
    return new Set();
  };
  expect(await remove(sha256, whileItLands)).toBe(0);
  expect(await isThere(sha256)).toBe(true);
});

test('a row that is committed between the look at the rows and the removal saves its file, as new', async () => {
  const sha256 = await landOld('recorded late');
  let looks = 0;
  expect(await remove(sha256, async () => new Set(looks++ === 0 ? [] : [sha256]))).toBe(0);
  expect((await stat(pathOf(sha256))).mtimeMs).toBeGreaterThan(Date.now() - HOUR_MS);
});

test('what a process that died had moved aside is judged by the next round, whichever part that looks at', async () => {
  const [wanted, unwanted] = [await landOld('wanted'), await landOld('unwanted')];
  const dies = Promise.reject(new Error('the process dies'));
  dies.catch(() => undefined);
  for (const sha256 of [wanted, unwanted]) {
    let looks = 0;
    const known: Known = () => (looks++ === 0 ? Promise.resolve(new Set<string>()) : dies);
    await expect(remove(sha256, known)).rejects.toThrow('the process dies');
  }
  expect(await isThere(wanted)).toBe(false);
  const other = createHash('sha256').update('another part').digest('hex');
  expect(await remove(other, async () => new Set([wanted]))).toBe(1);
  expect([await isThere(wanted), await isThere(unwanted)]).toEqual([true, false]);
});

test('what a crash left half-written is cleared, but not what another replica is writing', async () => {
  await writeFile(join(folder, 'tmp', 'left'), 'half');
  await writeFile(join(folder, 'tmp', 'busy'), 'half');
  await makeOld(join(folder, 'tmp', 'left'));
  expect(await sweep.clearLeftovers(Date.now() - HOUR_MS)).toBe(1);
  expect(await readdir(join(folder, 'tmp'))).toEqual(['busy']);
});

test('the first to claim a store has it, and its clock leaves nothing behind', async () => {
  expect(await sweep.owner()).toBeNull();
  await sweep.claim('one');
  await sweep.claim('other');
  expect(await sweep.owner()).toBe('one');
  expect(Math.abs((await sweep.now()) - Date.now())).toBeLessThan(HOUR_MS);
  expect(await readdir(join(folder, 'tmp'))).toEqual([]);
});
