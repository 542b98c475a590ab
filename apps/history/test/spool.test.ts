import { readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startTestServer } from '@wan-image/testing/http-server';
import { encodeImage } from '@wan-image/testing/images';
import { expect, test } from 'vitest';
import { generate, get, imageAt, recordOf } from './support/requests.ts';
import { openHistory, openTestData, runHistory, upstreamAt } from './support/test-history.ts';

const request = { model: 'wan2.7-image', prompt: '盘满', size: '1K', response_format: 'b64_json' };

/** Breaks a folder by replacing it with a file. */
async function breakFolder(folder: string): Promise<void> {
  await rename(folder, `${folder}.away`);
  await writeFile(folder, '');
}

async function mendFolder(folder: string): Promise<void> {
  await rm(folder);
  await rename(`${folder}.away`, folder);
}

/** An upstream that changes the disks in the middle of its one image. */
async function startBreaking(breakDisk: () => Promise<void>) {
  const png = Buffer.concat([await encodeImage({ format: 'png', width: 300, height: 200 }), Buffer.alloc(3_000_000)]);
  const base64 = png.toString('base64');
  const server = await startTestServer(async (_received, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write(`{"created":7,"data":[{"b64_json":"${base64.slice(0, 2_000_000)}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await breakDisk();
    response.end(`${base64.slice(2_000_000)}"}]}`);
  });
  return { ...server, base64 };
}

test('an image that the store rejects reaches the client, is spooled, served from the spool, and stored later', async () => {
  await using testData = await openTestData();
  const images = join(testData.dataDir, 'images');
  await using upstream = await startBreaking(() => breakFolder(images));
  let url: string;
  {
    await using history = await runHistory(testData, upstreamAt(upstream.url));
    const response = await generate(history.url, request, { 'idempotency-key': 'one' });
    expect(response.body.data[0]?.b64_json === upstream.base64).toBe(true);
    const record = await recordOf(history.url, response);
    expect(record).toMatchObject({
      state: 'succeeded',
      outcome: 'billed',
      images: [{ state: 'pending', width: 300, height: 200, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }],
    });
    url = record.images[0]?.url ?? '';
    expect(await imageAt(url)).toBe('png 300x200');
    const again = await generate(history.url, request, { 'idempotency-key': 'one' });
    expect(again.body.data[0]?.b64_json === upstream.base64).toBe(true);
    const ready = await get(history.url, '/readyz');
    expect([ready.status, ready.body]).toEqual([
      503,
      { status: 'not_ready', checks: { database: 'ok', store: 'failed', spool: 'ok' } },
    ]);
    await mendFolder(images);
  }
  expect(await readdir(join(testData.dataDir, 'spool'))).toHaveLength(2);
  await using history = await runHistory(testData, upstreamAt(upstream.url), { longestIntervalMs: 20 });
  await expect.poll(() => readdir(join(testData.dataDir, 'spool'))).toEqual(['tmp']);
  expect(await readdir(join(testData.dataDir, 'spool', 'tmp'))).toEqual([]);
  const { pathname, search } = new URL(url);
  expect(await imageAt(history.url + pathname + search)).toBe('png 300x200');
  const { body } = await get<{ data: object[] }>(history.url, '/v1/generations');
  expect(body.data).toMatchObject([{ images: [{ state: 'stored', width: 300 }] }]);
});

test('an image that no disk accepts reaches the client from memory, and is recorded as lost', async () => {
  await using testData = await openTestData();
  await using upstream = await startBreaking(async () => {
    await breakFolder(join(testData.dataDir, 'images'));
    await breakFolder(join(testData.dataDir, 'spool'));
  });
  await using history = await runHistory(testData, upstreamAt(upstream.url));
  const response = await generate(history.url, request);
  expect(response.body.data[0]?.b64_json === upstream.base64).toBe(true);
  expect(await recordOf(history.url, response)).toMatchObject({
    state: 'succeeded',
    outcome: 'billed',
    images: [{ state: 'lost', sha256: null }],
  });
});

test('if neither store nor spool works, nothing is sent', async () => {
  await using history = await openHistory();
  const { dataDir } = history.testData;
  await breakFolder(join(dataDir, 'images'));
  await breakFolder(join(dataDir, 'spool'));
  const response = await generate(history.url, request);
  expect([response.status, response.body.error.code]).toEqual([503, 'storage_unavailable']);
  expect(history.simulator.totals.calls).toBe(0);
  expect((await get(history.url, '/readyz')).body).toEqual({
    status: 'not_ready',
    checks: { database: 'ok', store: 'failed', spool: 'failed' },
  });
  await mendFolder(join(dataDir, 'spool'));
  await expect.poll(async () => (await generate(history.url, request)).status).toBe(200);
});
