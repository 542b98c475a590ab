import { existsSync } from 'node:fs';
import { cp, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sendJson, startTestServer } from '@wan-image/testing/http-server';
import { encodeImage } from '@wan-image/testing/images';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { startProblem } from '../src/boot/start-problem.ts';
import { readConfig } from '../src/config/config.ts';
import { DiskFullError, RESERVE_BYTES } from '../src/storage/disk-reserve.ts';
import { generate, imageAt, recordOf } from './support/requests.ts';
import { mountSmallDisk, type SmallDisk } from './support/small-disk.ts';
import { runHistory, upstreamAt, type TestData } from './support/test-history.ts';

const MEBIBYTE = 1024 * 1024;
const OFTEN = { longestIntervalMs: 50 };
const request = { model: 'wan2.7-image', prompt: '满了', size: '1K', response_format: 'b64_json' };

let disk: SmallDisk & AsyncDisposable;
let testData: TestData;
beforeEach(async () => {
  disk = await mountSmallDisk();
  testData = { dataDir: disk.path, environment: { DATA_DIR: disk.path, PORT: '0' } };
});
afterEach(() => disk[Symbol.asyncDispose]());

const reserve = (): string => join(testData.dataDir, 'reserve');

async function copyTemplate(): Promise<void> {
  await cp(inject('pgliteTemplate'), join(testData.dataDir, 'database'), { recursive: true });
}

test('what was sent before the disk ran full is recorded with its images, nothing more is sent, and all goes on once there is room', async ({
  skip,
}) => {
  skip(!disk.isMounted, 'this user cannot mount a disk');
  await copyTemplate();
  const image = (await encodeImage({ format: 'png', width: 300, height: 200 })).toString('base64');
  const released = Promise.withResolvers<void>();
  await using upstream = await startTestServer(async (_request, response) => {
    await released.promise;
    sendJson(response, 200, { created: 1, data: [{ b64_json: image }] });
  });
  await using history = await runHistory(testData, upstreamAt(upstream.url), OFTEN);
  await expect.poll(async () => (await stat(reserve()).catch(() => null))?.size).toBe(RESERVE_BYTES);
  const sent = ['一', '二', '三'].map((prompt) => generate(history.url, { ...request, prompt }));
  await expect.poll(() => upstream.requests.length).toBe(3);

  await disk.fill(MEBIBYTE);
  await expect.poll(() => existsSync(reserve())).toBe(false);
  // More than a segment of the database's log, whose loss would stop the database for good.
  expect(await disk.freeBytes()).toBeGreaterThan(16 * MEBIBYTE);
  released.resolve();
  for (const response of await Promise.all(sent)) {
    expect([response.status, response.body.data]).toEqual([200, [{ b64_json: image }]]);
    expect(await recordOf(history.url, response)).toMatchObject({
      state: 'succeeded',
      outcome: 'billed',
      images: [{ state: 'stored' }],
    });
  }
  const refused = await generate(history.url, { ...request, prompt: '四' });
  expect([refused.status, refused.body.error.code]).toEqual([503, 'storage_unavailable']);
  expect(upstream.requests).toHaveLength(3);

  await disk.empty();
  await expect.poll(async () => (await generate(history.url, { ...request, prompt: '五' })).status).toBe(200);
  await expect.poll(async () => (await stat(reserve()).catch(() => null))?.size).toBe(RESERVE_BYTES);
});

test('a service whose disk is full starts with the room of its reserve, shows what it has, and generates nothing', async ({
  skip,
}) => {
  skip(!disk.isMounted, 'this user cannot mount a disk');
  await copyTemplate();
  const image = (await encodeImage({ format: 'png', width: 300, height: 200 })).toString('base64');
  await using upstream = await startTestServer((_request, response) =>
    sendJson(response, 200, { created: 1, data: [{ b64_json: image }] }),
  );
  let made;
  {
    await using history = await runHistory(testData, upstreamAt(upstream.url), OFTEN);
    await expect.poll(async () => (await stat(reserve()).catch(() => null))?.size).toBe(RESERVE_BYTES);
    made = await generate(history.url, request);
  }
  await disk.fill(0);
  await using history = await runHistory(testData, upstreamAt(upstream.url), OFTEN);
  const record = await recordOf(history.url, made);
  expect(record.state).toBe('succeeded');
  expect(await imageAt(record.images[0]?.url ?? '')).toBe('png 300x200');
  expect((await generate(history.url, { ...request, prompt: '再来' })).status).toBe(503);
  expect(upstream.requests).toHaveLength(1);
});

test.for([
  ['a database', 10, true],
  ['no database yet', 40, false],
] as const)(
  'with %s and %i MB left, the start ends with the folder, the need and the remedy',
  async ([, megabytes, hasDatabase], { skip }) => {
    skip(!disk.isMounted, 'this user cannot mount a disk');
    if (hasDatabase) await copyTemplate();
    await disk.fill(megabytes * MEBIBYTE);
    const config = readConfig(testData.environment);
    const error: unknown = await runHistory(testData).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(DiskFullError);
    expect(startProblem(error, config)).toMatch(
      new RegExp(`DATA_DIR \\(${testData.dataDir}\\) has \\d+ bytes free, .* needs at least \\d+ .*DATABASE_URL`),
    );
  },
);
