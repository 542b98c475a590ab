import type { GenerationRecord } from '@wan-image/core';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sendJson, startTestServer, type TestServer } from '@wan-image/testing/http-server';
import { encodeImage } from '@wan-image/testing/images';
import { disposable } from '@wan-image/testing/resource';
import { v7 as uuidv7 } from 'uuid';
import { expect, test } from 'vitest';
import { onDatabase } from './support/on-database.ts';
import { fetchChecked, generate, get, imageAt, recordOf } from './support/requests.ts';
import { openTestData, runHistory, upstreamAt, type RunningHistory } from './support/test-history.ts';

const request = { model: 'wan2.7-image', prompt: '满了', size: '1K' };

interface Broken extends RunningHistory {
  readonly vendor: TestServer;
  /** The number of downloads that were aborted. */
  cut(): number;
  mend(): Promise<void>;
}

/** A service whose store rejects every file, and an upstream that serves these bytes at a URL. */
async function openBroken(bytes: Buffer): Promise<Broken & AsyncDisposable> {
  const stack = new AsyncDisposableStack();
  let cut = 0;
  const vendor = stack.use(
    await startTestServer((received, response) => {
      response.on('close', () => (cut += response.writableFinished ? 0 : 1));
      if (received.method === 'POST')
        sendJson(response, 200, { created: 1, data: [{ url: `http://${received.headers.host}/a.png?Signature=s` }] });
      else response.writeHead(200, { 'content-type': 'text/plain' }).end(bytes);
    }),
  );
  const testData = stack.use(await openTestData());
  const history = stack.use(await runHistory(testData, upstreamAt(vendor.url)));
  // A file in place of the folder: unlike file permissions, this fails for root, too.
  const temporary = join(testData.dataDir, 'images', 'tmp');
  await rm(temporary, { recursive: true });
  await writeFile(temporary, '');
  const mend = async (): Promise<void> => {
    await rm(temporary);
    await mkdir(temporary);
  };
  return disposable({ ...history, vendor, cut: () => cut, mend }, () => stack.disposeAsync());
}

test.each(['png', 'jpeg', 'webp', 'bmp'] as const)(
  'a %s that cannot be stored is passed through from the upstream, and stored once that is possible',
  async (format) => {
    const image = await encodeImage({ format, width: 300, height: 200 });
    await using history = await openBroken(image);
    const response = await generate(history.url, request);
    expect(response.status).toBe(200);
    const url = response.body.data[0]?.url ?? '';
    expect(url).toContain(history.url);
    const passed = await fetchChecked(url, { headers: { range: 'bytes=0-9' } });
    expect(passed.status).toBe(200);
    expect(Buffer.from(await passed.arrayBuffer()).equals(image)).toBe(true);
    expect(Object.fromEntries(passed.headers)).toMatchObject({
      'content-type': `image/${format}`,
      'accept-ranges': 'none',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    expect(passed.headers.has('etag')).toBe(false);
    expect((await recordOf(history.url, response)).images).toMatchObject([{ state: 'pending' }]);
    expect(await imageAt(`${url}&width=160`)).toBe(`${format} 300x200`);
    await history.mend();
    expect(await imageAt(url)).toBe(`${format} 300x200`);
    expect((await recordOf(history.url, response)).images).toMatchObject([{ state: 'stored', width: 300 }]);
  },
);

test('a large image is passed through whole; HEAD returns its type, and a disconnect aborts the download', async () => {
  const image = Buffer.concat([
    await encodeImage({ format: 'png', width: 300, height: 200 }),
    Buffer.alloc(20_000_000, 7),
  ]);
  await using history = await openBroken(image);
  const url = (await generate(history.url, request)).body.data[0]?.url ?? '';
  expect(Buffer.from(await (await fetchChecked(url)).arrayBuffer()).equals(image)).toBe(true);
  const head = await fetchChecked(url, { method: 'HEAD' });
  expect([head.status, head.headers.get('content-type')]).toEqual([200, 'image/png']);
  await expect.poll(() => history.cut()).toBe(1);
  const disconnected = await fetchChecked(url);
  await disconnected.body?.cancel();
  await expect.poll(() => history.cut()).toBe(2);
});

test.each([
  ['text', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')],
  ['nothing', Buffer.alloc(0)],
  ['less than a head', Buffer.from('\x89PNG', 'latin1')],
])('%s in place of an image is not passed through', async (_name, bytes) => {
  await using history = await openBroken(bytes);
  const response = await fetchChecked((await generate(history.url, request)).body.data[0]?.url ?? '');
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '60']);
});

test('a request with a wrong signature is not passed through', async () => {
  await using history = await openBroken(await encodeImage({ format: 'png', width: 300, height: 200 }));
  const url = (await generate(history.url, request)).body.data[0]?.url ?? '';
  const before = history.vendor.requests.length;
  expect((await fetchChecked(`${url}x`)).status).toBe(404);
  expect(history.vendor.requests).toHaveLength(before);
});

test('the upstream serves an image for a day from the end of its generation, however long that was queued', async () => {
  await using vendor = await startTestServer((received, response) => {
    if (received.method === 'POST')
      sendJson(response, 200, { created: 1, data: [{ url: `http://${received.headers.host}/a.png` }] });
    else response.writeHead(500).end();
  });
  await using testData = await openTestData();
  await using history = await runHistory(testData, upstreamAt(vendor.url));
  await generate(history.url, request);
  const id = uuidv7({ msecs: Date.now() - 25 * 60 * 60_000 });
  await onDatabase(testData, `update generation set id = '${id}'; update generation_image set generation_id = '${id}'`);
  const stateOf = async (): Promise<unknown> =>
    (await get<GenerationRecord>(history.url, `/v1/generations/${id}`)).body.images[0]?.state;
  expect([(await fetchChecked(`${history.url}/images/${id}-0`)).status, await stateOf()]).toEqual([503, 'pending']);
  await onDatabase(testData, `update generation set finished_at = now() - interval '25 hours'`);
  expect([(await fetchChecked(`${history.url}/images/${id}-0`)).status, await stateOf()]).toEqual([410, 'lost']);
});

test('an image that can never be stored is asked for as long as its URL lives, and no longer', async () => {
  await using vendor = await startTestServer((received, response) => {
    if (received.method === 'POST')
      sendJson(response, 200, { created: 1, data: [{ url: `http://${received.headers.host}/a.png` }] });
    else response.writeHead(410).end();
  });
  await using testData = await openTestData();
  await using history = await runHistory(testData, upstreamAt(vendor.url));
  const response = await generate(history.url, request);
  expect((await recordOf(history.url, response)).images).toMatchObject([{ state: 'lost' }]);
  const [image] = (await recordOf(history.url, response)).images;
  const downloads = async (): Promise<number> => {
    const before = vendor.requests.length;
    expect((await fetchChecked(image?.url ?? '')).status).toBe(410);
    return vendor.requests.length - before;
  };
  expect(await downloads()).toBe(1);
  await onDatabase(testData, `update generation set finished_at = now() - interval '25 hours'`);
  expect(await downloads()).toBe(0);
});
