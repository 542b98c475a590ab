import type { ApiKeyRecord, GenerationList } from '@wan-image/core';
import { PGlite } from '@electric-sql/pglite';
import { cp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { expect, test } from 'vitest';
import type { History } from '../src/boot/start-history.ts';
import { ADMIN, ADMIN_API_KEY, keyRecord } from './support/access.ts';
import { generate, get, imageAt } from './support/requests.ts';
import { openTestData, runHistory, runSimulator, upstreamAt, type TestData } from './support/test-history.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');
const versions = (await readdir(FIXTURES, { withFileTypes: true }))
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

async function restore(version: string, testData: TestData): Promise<void> {
  const sql = await readFile(join(FIXTURES, version, 'database.sql'), 'utf8');
  await cp(join(FIXTURES, version, 'images'), join(testData.dataDir, 'images'), { recursive: true });
  const url = testData.environment['DATABASE_URL'];
  if (url === undefined) {
    const pglite = await PGlite.create(join(testData.dataDir, 'database'));
    await pglite.exec(sql);
    await pglite.close();
  } else {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(sql);
    await client.end();
  }
}

const expected: Readonly<Record<string, (history: History) => Promise<void>>> = {
  async '2026-11-first-schema'({ url }) {
    const { data } = (await get<GenerationList>(url, '/v1/generations', ADMIN)).body;
    expect(data.map(({ state, outcome, images }) => [state, outcome, images.length])).toEqual([
      ['failed', 'not_billed', 0],
      ['failed', 'unknown', 0],
      ['succeeded', 'billed', 1],
      ['succeeded', 'billed', 4],
      ['succeeded', 'billed', 1],
    ]);
    expect(data[2]).toMatchObject({
      source: 'gallery',
      request: { bbox_list: [[[0, 0, 100, 100]]] },
      input_images: [{ kind: 'stored', width: 320 }, { kind: 'url' }],
    });
    for (const image of data.flatMap(({ images }) => images))
      expect(await imageAt(image.url ?? '')).toBe('png 1024x1024');
    expect(await imageAt(data[2]?.input_images[0]?.url ?? '')).toBe('png 320x240');
  },
  async '2026-11-gateway'({ url }) {
    const list = async (): Promise<GenerationList['data']> =>
      (await get<GenerationList>(url, '/v1/generations', ADMIN)).body.data;
    // The queued generation runs now.
    await expect.poll(async () => (await list())[0]?.state).toBe('succeeded');
    const data = await list();
    expect(data.map(({ prompt, state, outcome, images }) => [prompt, state, outcome, images.length])).toEqual([
      ['等着', 'succeeded', 'billed', 1],
      ['不要了', 'canceled', 'not_billed', 0],
      ['在途 [[simulate delay=60000]]', 'failed', 'unknown', 0],
      ['不知道 [[simulate status=500]]', 'failed', 'billed', 0],
      ['被拒 [[simulate status=400 code=DataInspectionFailed]]', 'failed', 'not_billed', 0],
      ['加一顶帽子', 'succeeded', 'billed', 1],
      ['再改一次', 'succeeded', 'billed', 1],
      ['把图1放进图2', 'succeeded', 'billed', 1],
      ['白天与黑夜', 'succeeded', 'billed', 2],
      ['一间有着精致窗户的花店', 'succeeded', 'billed', 1],
    ]);
    for (const image of data.flatMap(({ images }) => images))
      expect(await imageAt(image.url ?? '')).toBe('png 768x768');
    const edit = data.find(({ prompt }) => prompt === '把图1放进图2');
    expect(edit?.input_images).toMatchObject([
      { kind: 'stored', width: 320 },
      { kind: 'url', state: 'stored' },
    ]);
    expect(await imageAt(edit?.input_images[1]?.archived_url ?? '')).toBe('png 320x240');
    expect(data.find(({ prompt }) => prompt === '再改一次')?.input_images[0]?.from_image).toBe(`${edit?.id}-0`);
    expect(data.find(({ prompt }) => prompt === '加一顶帽子')?.adapted).toEqual([
      { param: 'model', given: 'gpt-image-1', used: 'wan2.7-image-pro' },
    ]);
    // A URL issued by that version.
    const path = '/images/01a20984-d843-7070-bfd3-dd48794c9534-0?key=own&signature=VouyN_No07RUVne7q6F0WuyU';
    expect(await imageAt(url + path)).toBe('png 768x768');
    expect(await imageAt(`${url}${path}&width=256`)).toMatch(/ 320x320$/);
    const keys = (await get<{ data: ApiKeyRecord[] }>(url, '/v1/api-keys', ADMIN)).body.data;
    expect(keys.map(({ name, revoked_at }) => [name, revoked_at !== null])).toEqual([
      ['old till', true],
      ['till', false],
    ]);
    // Two that were billed, and one with an unknown outcome.
    const spend = { amount: '1.00', period: 'total', currency: 'CNY', spent: '0.60', reserved: '0.00' };
    expect(await keyRecord(url, keys[1]?.id ?? '')).toMatchObject({ rate_limit: 600, spend_limit: spend });
  },
};

test.each(versions)('%s opens with all its data, and continues to work', async (version) => {
  await using testData = await openTestData({ hasTables: false });
  await restore(version, testData);
  await using simulator = await runSimulator();
  const environment = { ADMIN_API_KEY, PRICES: 'wan2.7-image=0.2,wan2.7-image-pro=0.5', CURRENCY: 'CNY' };
  await using history = await runHistory(testData, { ...upstreamAt(simulator.url), ...environment });
  await expected[version]?.(history);
  const { length } = (await get<GenerationList>(history.url, '/v1/generations', ADMIN)).body.data;
  const more = await generate(history.url, { model: 'wan2.7-image', prompt: '继续', size: '1K' }, ADMIN);
  expect(more.status).toBe(200);
  expect((await get<GenerationList>(history.url, '/v1/generations', ADMIN)).body.data).toHaveLength(length + 1);
});

test('each version describes its data', () => {
  expect(Object.keys(expected).toSorted()).toEqual(versions.toSorted());
});
