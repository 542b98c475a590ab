import type { GenerationList } from '@wan-image/core';
import { PGlite } from '@electric-sql/pglite';
import { cp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { expect, test } from 'vitest';
import { generate, get, pictureAt } from './support/requests.ts';
import { openPlace, runHistory, runSimulator, upstreamAt, type Place } from './support/test-history.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');
const versions = (await readdir(FIXTURES, { withFileTypes: true }))
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

async function restore(version: string, place: Place): Promise<void> {
  const sql = await readFile(join(FIXTURES, version, 'database.sql'), 'utf8');
  await cp(join(FIXTURES, version, 'images'), join(place.dataDir, 'images'), { recursive: true });
  const url = place.environment['DATABASE_URL'];
  if (url === undefined) {
    const pglite = await PGlite.create(join(place.dataDir, 'database'));
    await pglite.exec(sql);
    await pglite.close();
  } else {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(sql);
    await client.end();
  }
}

test.each(versions)('%s opens with all it holds, and goes on', async (version) => {
  await using place = await openPlace();
  await restore(version, place);
  await using simulator = await runSimulator();
  await using history = await runHistory(place, upstreamAt(simulator.url));
  const { data } = (await get<GenerationList>(history.url, '/v1/generations')).body;
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
  for (const image of data.flatMap(({ images }) => images)) expect(await pictureAt(image.url)).toBe('png 1024x1024');
  expect(await pictureAt(data[2]?.input_images[0]?.url ?? '')).toBe('png 320x240');
  expect((await generate(history.url, { model: 'wan2.7-image', prompt: '继续', size: '1K' })).status).toBe(200);
  expect((await get<GenerationList>(history.url, '/v1/generations')).body.data).toHaveLength(6);
});
