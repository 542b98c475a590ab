import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { GenerationRecord } from '@wan-image/core';
import { sendJson, startTestServer } from '@wan-image/testing/http-server';
import { disposable } from '@wan-image/testing/resource';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { openServiceDatabase } from '../src/boot/open-database.ts';
import { readConfig } from '../src/config/config.ts';
import { ASIDE, pathOf } from '../src/storage/folder-layout.ts';
import { fetchChecked, generate, get, send } from './support/requests.ts';
import { openTestData, runHistory, upstreamAt, type RunningHistory, type TestData } from './support/test-history.ts';

const SOON = { longestIntervalMs: 20 };

/** Older than any generation that may still have to record its images. */
const OLD = Date.now() / 1000 - 3 * 3600;

interface Upstream {
  readonly url: string;
  /** What it returns next: one image, or more. */
  next: readonly Buffer[];
}

async function startUpstream(): Promise<Upstream & AsyncDisposable> {
  const state: { next: readonly Buffer[] } = { next: [] };
  const server = await startTestServer((_received, response) =>
    sendJson(response, 200, { created: 1, data: state.next.map((image) => ({ b64_json: image.toString('base64') })) }),
  );
  return disposable(Object.assign(state, { url: server.url }), async () => server[Symbol.asyncDispose]());
}

let brightness = 0;

/** An image that no other test has. */
const image = (): Promise<Buffer> =>
  sharp({ create: { width: 400, height: 300, channels: 3, background: { r: ++brightness, g: 40, b: 90 } } })
    .png()
    .toBuffer();

async function made(history: RunningHistory, upstream: Upstream, ...images: Buffer[]): Promise<GenerationRecord> {
  upstream.next = images;
  const { headers } = await generate(history.url, {
    model: 'wan2.7-image',
    prompt: '花',
    size: '1K',
    n: images.length,
  });
  return (await get<GenerationRecord>(history.url, `/v1/generations/${headers.get('x-generation-id')}`)).body;
}

const imagesOf = ({ dataDir }: TestData): string => join(dataDir, 'images');

/** The names of the files in the store, without its own. */
async function filesOf(testData: TestData): Promise<string[]> {
  const entries = await readdir(imagesOf(testData), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile() && /^[0-9a-f]{64}/.test(entry.name)).map(({ name }) => name);
}

async function makeOld(testData: TestData): Promise<void> {
  for (const sha256 of await filesOf(testData)) await utimes(pathOf(imagesOf(testData), sha256), OLD, OLD);
}

const purge = (history: RunningHistory, path: string): Promise<Response> =>
  fetchChecked(`${history.url}${path}?purge=true`, { method: 'DELETE' });

/** The rows of these tables, on which no service runs. */
async function rowsOf(testData: TestData, ...tables: readonly string[]): Promise<number> {
  const database = await openServiceDatabase(readConfig(testData.environment));
  try {
    let count = 0;
    for (const table of tables) {
      const rows = await database.dataSource.query<unknown[]>(`select from ${table}`);
      count += rows.length;
    }
    return count;
  } finally {
    await database.close();
  }
}

test('the files of what was purged go, with what was made from them; what another generation shares stays', async () => {
  await using data = await openTestData();
  await using upstream = await startUpstream();
  const [own, shared] = [await image(), await image()];
  {
    await using history = await runHistory(data, upstreamAt(upstream.url));
    const one = await made(history, upstream, own, shared);
    const other = await made(history, upstream, shared);
    for (const { url } of one.images) expect((await fetchChecked(`${url}&width=160`)).status).toBe(200);
    expect(await filesOf(data)).toHaveLength(4);
    await makeOld(data);
    expect((await purge(history, `/v1/generations/${one.id}`)).status).toBe(204);
    expect((await fetchChecked(other.images[0]?.url ?? '')).status).toBe(200);
  }
  // The process that purged it has gone before it could remove anything; the next one does it.
  expect(await rowsOf(data, 'purged_file')).toBe(2);
  {
    await using _history = await runHistory(data, upstreamAt(upstream.url), SOON);
    await expect.poll(() => filesOf(data)).toHaveLength(2);
  }
  await using history = await runHistory(data, upstreamAt(upstream.url), SOON);
  const { body } = await send<{ data: GenerationRecord[] }>(`${history.url}/v1/generations`, { method: 'GET' });
  expect(await filesOf(data)).toContain(body.data[0]?.images[0]?.sha256);
  expect((await fetchChecked(`${body.data[0]?.images[0]?.url}&width=160`)).status).toBe(200);
});

test('nothing of them is left in the tables', async () => {
  await using data = await openTestData();
  await using upstream = await startUpstream();
  {
    await using history = await runHistory(data, upstreamAt(upstream.url), SOON);
    const { id, images } = await made(history, upstream, await image());
    expect((await fetchChecked(`${images[0]?.url}&width=160`)).status).toBe(200);
    expect(
      (await get<GenerationRecord>(history.url, `/v1/generations/${id}`)).body.images[0]?.thumbhash,
    ).not.toBeNull();
    await makeOld(data);
    await purge(history, `/v1/generations/${id}`);
    await expect.poll(() => filesOf(data)).toEqual([]);
    // A pass later, which sees that they are gone.
    await expect.poll(() => history.logs.filter((line) => line.includes('deleted for good')).length).toBeGreaterThan(0);
  }
  await using _next = await runHistory(data, upstreamAt(upstream.url), SOON);
  await _next.close();
  expect(await rowsOf(data, 'thumbnail', 'thumbhash', 'generation_image')).toBe(0);
});

test('an image that was purged alone loses its file, and its record stays', async () => {
  await using data = await openTestData();
  await using upstream = await startUpstream();
  await using history = await runHistory(data, upstreamAt(upstream.url), SOON);
  const { id, images } = await made(history, upstream, await image(), await image());
  await makeOld(data);
  await purge(history, `/v1/images/${images[1]?.id}`);
  await expect.poll(() => filesOf(data)).toEqual([images[0]?.sha256]);
  const record = (await get<GenerationRecord>(history.url, `/v1/generations/${id}`)).body;
  expect(record.images.map(({ state }) => state)).toEqual(['stored', 'deleted']);
});

test('a file stays while its bytes may be those of a generation that has yet to record them', async () => {
  await using data = await openTestData();
  await using upstream = await startUpstream();
  await using history = await runHistory(data, upstreamAt(upstream.url), SOON);
  const [young, old] = [await made(history, upstream, await image()), await made(history, upstream, await image())];
  const [youngFile = '', oldFile = ''] = [young, old].map(({ images }) => images[0]?.sha256 ?? '');
  await utimes(pathOf(imagesOf(data), oldFile), OLD, OLD);
  await purge(history, `/v1/generations/${young.id}`);
  await purge(history, `/v1/generations/${old.id}`);
  await expect.poll(() => filesOf(data)).toEqual([youngFile]);
  await makeOld(data);
  await expect.poll(() => filesOf(data)).toEqual([]);
});

test('a removal in whose middle the process was killed is completed by the next one', async () => {
  await using data = await openTestData();
  await using upstream = await startUpstream();
  let sha256 = '';
  {
    await using history = await runHistory(data, upstreamAt(upstream.url));
    const { id, images } = await made(history, upstream, await image());
    sha256 = images[0]?.sha256 ?? '';
    await makeOld(data);
    await purge(history, `/v1/generations/${id}`);
  }
  await mkdir(join(imagesOf(data), ASIDE), { recursive: true });
  await rename(
    pathOf(imagesOf(data), sha256),
    join(imagesOf(data), ASIDE, `${sha256}.${Date.now() - 3_600_000}.${randomUUID()}`),
  );
  await using _history = await runHistory(data, upstreamAt(upstream.url), SOON);
  await expect.poll(() => filesOf(data)).toEqual([]);
});
