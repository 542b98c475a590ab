import type { GenerationList, ImageRecord } from '@wan-image/core';
import { startTestServer, type TestServer } from '@wan-image/testing/http-server';
import { encodeImage } from '@wan-image/testing/images';
import { disposable } from '@wan-image/testing/resource';
import { v7 as uuidv7 } from 'uuid';
import { expect, test } from 'vitest';
import { readConfig } from '../src/config/config.ts';
import { openServiceDatabase } from '../src/boot/open-database.ts';
import { onDatabase } from './support/on-database.ts';
import { get } from './support/requests.ts';
import { openTestData, runHistory, upstreamAt, type RunningHistory, type TestData } from './support/test-history.ts';

const COUNT = 40;

/** The host of the upstream's images. */
interface Host extends TestServer {
  /** `/cut` ends a byte earlier each time. */
  readonly state: { isAway: boolean; concurrent: number; most: number; cuts: number };
}

async function openHost(): Promise<Host & AsyncDisposable> {
  const image = await encodeImage({ format: 'png', width: 32, height: 32 });
  const state = { isAway: false, concurrent: 0, most: 0, cuts: 0 };
  const server = await startTestServer(async ({ path }, response) => {
    state.most = Math.max(state.most, ++state.concurrent);
    await new Promise((resolve) => setTimeout(resolve, 5));
    state.concurrent--;
    if (path.startsWith('/around')) response.writeHead(302, { location: path }).end();
    else if (path.startsWith('/cut')) response.writeHead(200).end(image.subarray(0, -1 - ++state.cuts));
    else if (state.isAway) response.writeHead(503).end();
    else response.writeHead(200, { 'content-type': 'image/png' }).end(image);
  });
  return disposable({ ...server, state }, async () => server[Symbol.asyncDispose]());
}

/** Records failed generations, the oldest first, each with one image that is still to be fetched from this path of the host. */
async function recordPending(testData: TestData, host: Host, count: number, path = '/image'): Promise<void> {
  const database = await openServiceDatabase(readConfig(testData.environment));
  const numbers = Array.from({ length: count }, (_, number) => number);
  const ids = numbers.map((number) => uuidv7({ msecs: Date.now() - (count - number) * 1000 }));
  await database.dataSource.query(
    `insert into generation (id, state, outcome, source, model, prompt, request, dropped, created_at, finished_at)
     select unnest($1::uuid[]), 'failed', 'unknown', 'api', 'wan2.7-image', '断', '{}', '[]', now(), now()`,
    [ids],
  );
  await database.dataSource.query(
    `insert into generation_image (generation_id, role, index, state, source_url)
     select unnest($1::uuid[]), 'output', 0, 'pending', unnest($2::text[])`,
    [ids, numbers.map((number) => `${host.url}${path}-${number}`)],
  );
  await database.close();
}

async function imagesOf({ url }: RunningHistory): Promise<readonly ImageRecord[]> {
  const { data } = (await get<GenerationList>(url, '/v1/generations?limit=100')).body;
  return data.flatMap(({ images }) => images);
}

const statesOf = async (history: RunningHistory): Promise<readonly string[]> => [
  ...new Set((await imagesOf(history)).map(({ state }) => state)),
];

test('a backlog of images is fetched in one round, the oldest first, a few at a time', async () => {
  await using testData = await openTestData();
  await using host = await openHost();
  await recordPending(testData, host, COUNT);
  await using history = await runHistory(testData, upstreamAt(host.url));
  await expect.poll(() => statesOf(history)).toEqual(['stored']);
  const order = host.requests.map(({ path }) => Number(path.split('-')[1]));
  expect(order).toHaveLength(COUNT);
  // Those that are fetched together may overtake each other.
  for (const [at, number] of order.entries()) expect(Math.abs(number - at)).toBeLessThan(16);
  expect(host.state.most).toBeGreaterThan(1);
  expect(host.state.most).toBeLessThanOrEqual(8);
});

test('while the host is away each image is tried once and then rests, and when one comes the others follow', async () => {
  await using testData = await openTestData();
  await using host = await openHost();
  host.state.isAway = true;
  await recordPending(testData, host, COUNT);
  await using history = await runHistory(testData, upstreamAt(host.url), { longestIntervalMs: 50 });
  await expect.poll(() => host.requests.length).toBe(COUNT);
  await expect.poll(() => host.state.concurrent).toBe(0);
  host.state.isAway = false;
  await onDatabase(
    testData,
    `update generation_image set tries = 3, try_at = now() + interval '20 minutes';
     update generation_image set try_at = now() where generation_id = (select max(generation_id::text)::uuid from generation_image)`,
  );
  await expect.poll(() => statesOf(history)).toEqual(['stored']);
  expect(host.requests).toHaveLength(2 * COUNT);
});

test('an image that can never be fetched is given up at once, and its record says why', async () => {
  await using testData = await openTestData();
  await using host = await openHost();
  await recordPending(testData, host, 1, '/around');
  await using history = await runHistory(testData, upstreamAt(host.url), { longestIntervalMs: 50 });
  await expect.poll(() => statesOf(history)).toEqual(['lost']);
  expect((await imagesOf(history))[0]?.warning).toContain('redirects too often');
  const { length } = host.requests;
  await onDatabase(testData, 'update generation_image set try_at = null');
  await recordPending(testData, host, 1);
  await expect.poll(() => host.requests.length).toBe(length + 1);
});

test('an image that is cut off elsewhere in each of many attempts is kept as it came, before its URL expires', async () => {
  await using testData = await openTestData();
  await using host = await openHost();
  await recordPending(testData, host, 1, '/cut');
  await using history = await runHistory(testData, upstreamAt(host.url), { longestIntervalMs: 50 });
  await expect.poll(() => host.requests.length).toBe(1);
  expect(await statesOf(history)).toEqual(['pending']);
  await onDatabase(testData, 'update generation_image set tries = 19, try_at = null');
  await expect.poll(() => statesOf(history)).toEqual(['stored']);
  expect((await imagesOf(history))[0]).toMatchObject({
    width: 32,
    warning: expect.stringContaining('ends before its end'),
  });
});

test('an image whose URL has expired is lost, whatever the state of its generation', async () => {
  await using testData = await openTestData();
  await using host = await openHost();
  host.state.isAway = true;
  await recordPending(testData, host, 2);
  await onDatabase(testData, `update generation set finished_at = now() - interval '25 hours'`);
  await using history = await runHistory(testData, upstreamAt(host.url));
  await expect.poll(() => statesOf(history)).toEqual(['lost']);
  expect(host.requests).toHaveLength(2);
});

test('an image that was given up by a clock that was ahead is fetched, another that was given up is not', async () => {
  await using testData = await openTestData();
  await using host = await openHost();
  await recordPending(testData, host, 2);
  await onDatabase(
    testData,
    `update generation_image set state = 'lost', lost_at = now() - interval '1 hour';
     update generation_image set lost_at = now() + interval '1 hour' where source_url like '%-0'`,
  );
  await using history = await runHistory(testData, upstreamAt(host.url));
  await expect.poll(async () => (await imagesOf(history)).map(({ state }) => state)).toEqual(['lost', 'stored']);
  expect(host.requests.map(({ path }) => path)).toEqual(['/image-0']);
});
