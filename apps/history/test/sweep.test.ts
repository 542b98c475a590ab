import { randomUUID } from 'node:crypto';
import { readdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readConfig } from '../src/config/config.ts';
import { openServiceDatabase } from '../src/boot/open-database.ts';
import { pathOf } from '../src/storage/folder-layout.ts';
import { openFolderStore } from '../src/storage/folder-store.ts';
import { fetchChecked, generate, get, recordOf } from './support/requests.ts';
import { putText } from './support/stored-files.ts';
import { sweepAll as sweep } from './support/sweep-all.ts';
import { openTestData, runHistory, runSimulator, upstreamAt, type TestData } from './support/test-history.ts';

const request = { model: 'wan2.7-image', size: '1K', thinking_mode: false, response_format: 'b64_json' };
const NOTHING = { unknownFiles: 0, leftovers: 0, thumbnails: 0, lost: 0, found: 0 };

async function filesOf(testData: TestData): Promise<string[]> {
  const entries = await readdir(join(testData.dataDir, 'images'), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile() && entry.name !== 'owner').map(({ name }) => name);
}

const imagesOf = (testData: TestData): string => join(testData.dataDir, 'images');

/** An image without a row. */
async function putUnknown(testData: TestData, text: string): Promise<string> {
  return putText(await openFolderStore(imagesOf(testData)), text);
}

test('afterwards every file has a row, and every image has its file or is lost', async () => {
  await using testData = await openTestData();
  await using simulator = await runSimulator();
  const shaOf: string[] = [];
  const urls: string[] = [];
  {
    await using history = await runHistory(testData, upstreamAt(simulator.url));
    for (const prompt of ['留', '丢']) {
      const [image] = (await recordOf(history.url, await generate(history.url, { ...request, prompt }))).images;
      shaOf.push(image?.sha256 ?? '');
      urls.push(image?.url ?? '');
      expect((await fetchChecked(`${image?.url}&width=160`)).status).toBe(200);
    }
  }
  const [kept = '', gone = ''] = shaOf;
  const pathOfGone = pathOf(imagesOf(testData), gone);
  await putUnknown(testData, 'the process died before the row');
  await writeFile(join(testData.dataDir, 'images', 'tmp', 'half'), 'half');
  await writeFile(join(testData.dataDir, 'spool', `${randomUUID()}-0`), 'of a generation that is gone');
  await rename(pathOfGone, join(testData.dataDir, 'away'));
  expect(await sweep(testData)).toEqual({ ...NOTHING, unknownFiles: 1, leftovers: 2, lost: 1 });
  expect(await sweep(testData)).toEqual(NOTHING);
  // An image, and the thumbnails of both: the lost image has only its thumbnail left.
  expect(await filesOf(testData)).toHaveLength(3);
  expect(await filesOf(testData)).toContain(kept);
  {
    await using history = await runHistory(testData, upstreamAt(simulator.url));
    const { pathname, search } = new URL(urls[1] ?? '');
    const lost = await get<{ error: { code: string } }>(history.url, pathname + search);
    expect([lost.status, lost.body.error.code]).toEqual([410, 'image_lost']);
    const { body } = await get<{ data: object[] }>(history.url, '/v1/generations');
    expect(body.data).toMatchObject([{ images: [{ state: 'lost', sha256: gone }] }, { images: [{ state: 'stored' }] }]);
  }
  await rename(join(testData.dataDir, 'away'), pathOfGone);
  expect(await sweep(testData)).toEqual({ ...NOTHING, found: 1 });
});

test('thumbnails are removed with the last row of their image', async () => {
  await using testData = await openTestData();
  await using simulator = await runSimulator();
  {
    await using history = await runHistory(testData, upstreamAt(simulator.url));
    const [image] = (await recordOf(history.url, await generate(history.url, { ...request, prompt: '小' }))).images;
    expect((await fetchChecked(`${image?.url}&width=160`)).status).toBe(200);
  }
  const database = await openServiceDatabase(readConfig(testData.environment));
  await database.dataSource.query('delete from generation_image');
  await database.close();
  expect(await sweep(testData)).toEqual({ ...NOTHING, unknownFiles: 2, thumbnails: 1 });
  expect(await filesOf(testData)).toEqual([]);
});

test('a running service removes unknown files that are older than any generation, and keeps new ones', async () => {
  await using testData = await openTestData();
  await using simulator = await runSimulator();
  const [old, recent] = [await putUnknown(testData, 'old'), await putUnknown(testData, 'recent')];
  const longAgo = Date.now() / 1000 - 3 * 86_400;
  await utimes(pathOf(imagesOf(testData), old), longAgo, longAgo);
  await using history = await runHistory(testData, upstreamAt(simulator.url), { longestIntervalMs: 1 });
  await generate(history.url, { ...request, prompt: '新' });
  // A file that is being removed has another name for a moment.
  await expect.poll(() => filesOf(testData)).toHaveLength(2);
  const remaining = await filesOf(testData);
  expect(remaining).not.toContain(old);
  expect(remaining).toContain(recent);
});

test('the store of another database, or an empty folder in its place, is not touched', async () => {
  await using testData = await openTestData();
  await using simulator = await runSimulator();
  {
    await using history = await runHistory(testData, upstreamAt(simulator.url));
    await generate(history.url, { ...request, prompt: '别' });
  }
  const owner = join(testData.dataDir, 'images', 'owner');
  await writeFile(owner, 'another');
  await putUnknown(testData, 'unknown');
  expect(await sweep(testData)).toBeNull();
  expect(await filesOf(testData)).toHaveLength(2);
  await rm(owner);
  await rename(join(testData.dataDir, 'images'), join(testData.dataDir, 'unmounted'));
  await openFolderStore(join(testData.dataDir, 'images'));
  expect(await sweep(testData)).toBeNull();
  await rm(join(testData.dataDir, 'images'), { recursive: true });
  await rename(join(testData.dataDir, 'unmounted'), join(testData.dataDir, 'images'));
  expect(await sweep(testData)).toEqual({ ...NOTHING, unknownFiles: 1 });
});
