import { setTimeout as sleep } from 'node:timers/promises';
import type { GenerationRecord } from '@wan-image/core';
import { sendJson, startTestServer } from '@wan-image/testing/http-server';
import { disposable } from '@wan-image/testing/resource';
import sharp from 'sharp';
import { thumbHashToApproximateAspectRatio, thumbHashToAverageRGBA } from 'thumbhash';
import { expect, test } from 'vitest';
import { openServiceDatabase } from '../src/boot/open-database.ts';
import { readConfig } from '../src/config/config.ts';
import { firstIdOf } from '../src/database/partitions.ts';
import type { StartOptions } from '../src/boot/start-history.ts';
import { onDatabase } from './support/on-database.ts';
import { fetchChecked, generate, get } from './support/requests.ts';
import { openTestData, runHistory, upstreamAt, type RunningHistory, type TestData } from './support/test-history.ts';

const SOON = { longestIntervalMs: 20 };

interface Studio extends RunningHistory {
  readonly testData: TestData;
  /** Generates this image; returns the id of its generation. */
  generate(image: Buffer): Promise<string>;
  thumbhashOf(id: string): Promise<string | null>;
}

/** A service whose upstream returns the images that the test sets, and waits for as long as it says. */
async function openStudio(
  options?: StartOptions,
  wait: () => Promise<void> = async () => undefined,
  existing?: TestData,
): Promise<Studio & AsyncDisposable> {
  const stack = new AsyncDisposableStack();
  let next: Buffer = Buffer.alloc(0);
  const upstream = stack.use(
    await startTestServer(async (_received, response) => {
      const image = next;
      await wait();
      sendJson(response, 200, { created: 1, data: [{ b64_json: image.toString('base64') }] });
    }),
  );
  const testData = existing ?? stack.use(await openTestData());
  const history = stack.use(await runHistory(testData, upstreamAt(upstream.url), options));
  const make = async (image: Buffer): Promise<string> => {
    next = image;
    const { headers } = await generate(history.url, { model: 'wan2.7-image', prompt: '花', size: '1K' });
    return headers.get('x-generation-id') ?? '';
  };
  const thumbhashOf = async (id: string): Promise<string | null> =>
    (await get<GenerationRecord>(history.url, `/v1/generations/${id}`)).body.images[0]?.thumbhash ?? null;
  return disposable({ ...history, testData, generate: make, thumbhashOf }, () => stack.disposeAsync());
}

type Color = Readonly<Record<'r' | 'g' | 'b' | 'alpha', number>>;

const image = (width: number, height: number, background: Color): Promise<Buffer> =>
  sharp({ create: { width, height, channels: background.alpha < 1 ? 4 : 3, background } })
    .png()
    .toBuffer();

const ORANGE: Color = { r: 240, g: 130, b: 20, alpha: 1 };
const GLASS: Color = { r: 10, g: 120, b: 240, alpha: 0.25 };

/** The color and shape that a page draws from a thumbhash. */
function drawn(hash: string | null): { readonly color: readonly number[]; readonly ratio: number } {
  const bytes = Buffer.from(hash ?? '', 'base64');
  const { r, g, b, a } = thumbHashToAverageRGBA(bytes);
  return { color: [r * 255, g * 255, b * 255, a], ratio: thumbHashToApproximateAspectRatio(bytes) };
}

function expectColor(hash: string | null, { r, g, b, alpha }: Color): void {
  const { color } = drawn(hash);
  for (const [index, value] of [r, g, b].entries()) expect(Math.abs((color[index] ?? 0) - value)).toBeLessThan(20);
  expect(color[3]).toBeCloseTo(alpha, 1);
}

test('is null in a record until the first thumbnail of its image, of which it has the color and the shape', async () => {
  await using studio = await openStudio();
  const id = await studio.generate(await image(800, 400, ORANGE));
  expect(await studio.thumbhashOf(id)).toBeNull();
  const { images } = (await get<GenerationRecord>(studio.url, `/v1/generations/${id}`)).body;
  expect((await fetchChecked(`${images[0]?.url}&width=320`)).status).toBe(200);
  const hash = await studio.thumbhashOf(id);
  expectColor(hash, ORANGE);
  expect(drawn(hash).ratio).toBeCloseTo(7 / 4, 1);
  expect((await fetchChecked(`${images[0]?.url}&width=160`)).status).toBe(200);
  expect(await studio.thumbhashOf(id)).toBe(hash);
});

test('keeps what is transparent, also when the first thumbnail is a JPEG', async () => {
  await using studio = await openStudio();
  const id = await studio.generate(await image(500, 500, GLASS));
  const { images } = (await get<GenerationRecord>(studio.url, `/v1/generations/${id}`)).body;
  const thumbnail = await fetchChecked(`${images[0]?.url}&width=160`, { headers: { accept: 'image/jpeg' } });
  expect(thumbnail.headers.get('content-type')).toBe('image/jpeg');
  expectColor(await studio.thumbhashOf(id), GLASS);
});

test('is made in the background for images that nobody has looked at, and stays null for what cannot be decoded', async () => {
  await using studio = await openStudio(SOON);
  const broken = await studio.generate((await image(700, 700, ORANGE)).fill(0xa5, 60));
  const plain = await studio.generate(await image(120, 60, ORANGE));
  await expect.poll(() => studio.thumbhashOf(plain)).not.toBeNull();
  expectColor(await studio.thumbhashOf(plain), ORANGE);
  const { images } = (await get<GenerationRecord>(studio.url, `/v1/generations/${broken}`)).body;
  const database = await openTables(studio.testData);
  if (database === null) return;
  await using tables = database;
  await expect
    .poll(() => tables.query(`select hash from thumbhash where sha256 = '${images[0]?.sha256}'`))
    .toEqual([{ hash: null }]);
});

test('waits in the background while anything is generated', async () => {
  const held = Promise.withResolvers<void>();
  let requests = 0;
  await using studio = await openStudio(SOON, () => (++requests === 1 ? held.promise : Promise.resolve()));
  const running = studio.generate(await image(90, 90, ORANGE));
  await expect.poll(() => requests).toBe(1);
  const other = await studio.generate(await image(80, 80, ORANGE));
  // Some passes.
  await sleep(10 * SOON.longestIntervalMs);
  expect(await studio.thumbhashOf(other)).toBeNull();
  held.resolve();
  const id = await running;
  await expect.poll(() => studio.thumbhashOf(id)).not.toBeNull();
  await expect.poll(() => studio.thumbhashOf(other)).not.toBeNull();
});

test('is made of a new image before the walk through older ones has ended', async () => {
  await using testData = await openTestData();
  const before = await openStudio(undefined, undefined, testData);
  const hashed = await before.generate(await image(500, 300, GLASS));
  const { images } = (await get<GenerationRecord>(before.url, `/v1/generations/${hashed}`)).body;
  await fetchChecked(`${images[0]?.url}&width=160`);
  const oldest = await before.generate(await image(60, 60, GLASS));
  await before[Symbol.asyncDispose]();
  // Many that have one, and behind them the last one, which has none.
  const first = firstIdOf(new Date(Date.now() - 2 * 60 * 60_000)).slice(0, 24);
  await onDatabase(
    testData,
    `update generation_image set generation_id = '${first}000000000000' where generation_id = '${oldest}';
     insert into generation_image
       select (jsonb_populate_record(image, jsonb_build_object('generation_id', '${first}' || lpad(to_hex(number), 12, '0')))).*
       from generation_image as image, generate_series(1, 6000) as number where generation_id = '${hashed}'`,
  );
  await using studio = await openStudio(SOON, undefined, testData);
  const id = await studio.generate(await image(90, 90, ORANGE));
  const thumbhashes = (): Promise<readonly unknown[]> => onDatabase(testData, 'select from thumbhash');
  await expect.poll(() => studio.thumbhashOf(id)).not.toBeNull();
  expect(await thumbhashes()).toHaveLength(2);
  await expect.poll(thumbhashes).toHaveLength(3);
});

/** A second session on the database, which only a server allows. */
async function openTables(
  testData: TestData,
): Promise<({ query(sql: string): Promise<unknown[]> } & AsyncDisposable) | null> {
  if (testData.environment['DATABASE_URL'] === undefined) return null;
  const database = await openServiceDatabase(readConfig(testData.environment));
  return disposable({ query: (sql: string) => database.dataSource.query<unknown[]>(sql) }, () => database.close());
}
