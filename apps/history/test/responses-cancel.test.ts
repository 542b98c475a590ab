import type { GenerationRecord } from '@wan-image/core';
import { startTestServer } from '@wan-image/testing/http-server';
import { encodeImage } from '@wan-image/testing/images';
import { expect, test } from 'vitest';
import { fetchChecked, generate, get } from './support/requests.ts';
import { openTestData, runHistory, upstreamAt } from './support/test-history.ts';

test.each([
  ['before an image had come', 0, 'unknown'],
  ['after an image had come', 1, 'billed'],
])('a generation that is canceled %s', async (_when, come, outcome) => {
  const png = await encodeImage({ format: 'png', width: 300, height: 200 });
  await using upstream = await startTestServer((_received, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write(`{"data":[${`{"b64_json":"${png.toString('base64')}"},`.repeat(come)}`);
  });
  await using testData = await openTestData();
  await using history = await runHistory(testData, upstreamAt(upstream.url));
  const body = { model: 'wan2.7-image', prompt: '取消', n: 2, response_format: 'b64_json' };
  const { id } = (await generate(history.url, body, { prefer: 'respond-async' })).body as unknown as GenerationRecord;
  const record = async (): Promise<GenerationRecord> =>
    (await get<GenerationRecord>(history.url, `/v1/generations/${id}`)).body;
  await expect.poll(() => upstream.requests.length).toBe(1);
  await expect.poll(async () => (await record()).images.length).toBe(come);
  const canceled = await fetchChecked(`${history.url}/v1/generations/${id}/cancel`, { method: 'POST' });
  expect(canceled.status).toBe(200);
  expect(await canceled.json()).toMatchObject({
    state: 'canceled',
    outcome,
    error: { code: 'canceled' },
    images: Array.from({ length: come }, () => ({ state: 'stored', width: 300 })),
  });
});
