import type { GenerationRecord, GenerationResponse } from '@wan-image/core';
import { startTestServer, sendJson, type TestServer } from '@wan-image/testing/http-server';
import { encodeImage } from '@wan-image/testing/images';
import { disposable } from '@wan-image/testing/resource';
import { expect, test } from 'vitest';
import { fetchChecked, generate, recordOf, type JsonResponse } from './support/requests.ts';
import { openTestData, runHistory, upstreamAt } from './support/test-history.ts';

const request = { model: 'wan2.7-image', prompt: '半', size: '1K' };

/** The images of the record, after one more attempt to open the first: attempts of the service itself are a minute apart. */
async function imagesAfterOpening(
  base: string,
  response: JsonResponse<GenerationResponse>,
): Promise<GenerationRecord['images']> {
  await (await fetchChecked(response.body.data[0]?.url ?? '')).arrayBuffer();
  return (await recordOf(base, response)).images;
}

/** An upstream whose image is cut in half, without a length, so that it ends like a whole one, as often as the test says. */
async function startCutting(
  image: Buffer,
  times: number,
): Promise<TestServer & { downloads: () => number } & AsyncDisposable> {
  let downloads = 0;
  const server = await startTestServer((received, response) => {
    if (received.method === 'POST') {
      const data = [{ url: `http://${received.headers.host}/a.png` }];
      return sendJson(response, 200, { created: 1, data });
    }
    downloads++;
    response.writeHead(200, { 'content-type': 'image/png', connection: 'close', 'transfer-encoding': 'chunked' });
    return void response.end(downloads <= times ? image.subarray(0, image.length / 2) : image);
  });
  return disposable({ ...server, downloads: () => downloads }, async () => {
    await server[Symbol.asyncDispose]();
  });
}

test.each(['png', 'jpeg', 'webp', 'bmp'] as const)(
  'a %s that is cut off is fetched again until it is whole',
  async (format) => {
    const image = await encodeImage({ format, width: 300, height: 200 });
    await using upstream = await startCutting(image, 2);
    await using testData = await openTestData();
    await using history = await runHistory(testData, upstreamAt(upstream.url));
    const response = await generate(history.url, request);
    const images = (): Promise<GenerationRecord['images']> => imagesAfterOpening(history.url, response);
    await expect.poll(images).toMatchObject([{ state: 'stored', bytes: image.length, warning: null }]);
    const stored = await fetchChecked(response.body.data[0]?.url ?? '');
    expect(Buffer.from(await stored.arrayBuffer()).equals(image)).toBe(true);
  },
);

test('a base64 response waits for a second download of an image that was cut off', async () => {
  const image = await encodeImage({ format: 'png', width: 300, height: 200 });
  await using upstream = await startCutting(image, 1);
  await using testData = await openTestData();
  await using history = await runHistory(testData, upstreamAt(upstream.url));
  const response = await generate(history.url, { ...request, response_format: 'b64_json' });
  expect(response.body.data).toEqual([{ b64_json: image.toString('base64') }]);
  expect(upstream.downloads()).toBe(2);
});

test('a file that comes cut off three times, each time the same, is kept as it is, and the record says so', async () => {
  const image = await encodeImage({ format: 'png', width: 300, height: 200 });
  await using upstream = await startCutting(image, Number.POSITIVE_INFINITY);
  await using testData = await openTestData();
  await using history = await runHistory(testData, upstreamAt(upstream.url));
  const response = await generate(history.url, request);
  const images = (): Promise<GenerationRecord['images']> => imagesAfterOpening(history.url, response);
  const warning = expect.stringContaining('ends before its end') as string;
  await expect.poll(images).toMatchObject([{ state: 'stored', width: 300, height: 200, warning }]);
  expect(upstream.downloads()).toBeGreaterThanOrEqual(3);
});
