import { sendJson, startTestServer } from '@wan-image/testing/http-server';
import { expect, test } from 'vitest';
import { generate } from './support/requests.ts';
import { openTestData, runHistory, upstreamAt } from './support/test-history.ts';

const request = { model: 'wan2.7-image', prompt: '花', size: '1K' };

test('a 429 that remains after the retries of this service is not to be retried by the layer above', async () => {
  await using upstream = await startTestServer((_request, response) => {
    sendJson(response, 429, { error: { message: 'busy' } }, { 'retry-after-ms': '1' });
  });
  await using testData = await openTestData();
  await using service = await runHistory(testData, upstreamAt(upstream.url));
  const { status, headers } = await generate(service.url, request);
  expect([status, headers.get('x-should-retry')]).toEqual([429, 'false']);
  expect(upstream.requests).toHaveLength(4);
});

test('a 429 that this service has not retried may be retried by the client, after a day at most', async () => {
  await using upstream = await startTestServer((_request, response) => {
    sendJson(response, 429, { error: { message: 'busy' } }, { 'retry-after': '99999999999999980000' });
  });
  await using testData = await openTestData();
  await using service = await runHistory(testData, upstreamAt(upstream.url));
  const { headers } = await generate(service.url, request);
  expect([headers.get('x-should-retry'), headers.get('retry-after')]).toEqual([null, '86400']);
  expect(upstream.requests).toHaveLength(1);
});

test('an upstream that cannot be reached is named with its port, and the client is not told to check a setting that is not its own', async () => {
  const { url } = await startAndClose();
  await using testData = await openTestData();
  await using service = await runHistory(testData, upstreamAt(url));
  const { status, body, headers } = await generate(service.url, request);
  expect([status, headers.get('x-should-retry')]).toEqual([502, 'false']);
  expect(body.error.message).toContain(new URL(url).host);
  expect(body.error.message).toContain('The operator of this service must check UPSTREAM_BASE_URL');
  expect(body.error.message).not.toContain('base URL');
});

/** An address at which no server listens any more. */
async function startAndClose(): Promise<{ readonly url: string }> {
  await using server = await startTestServer(() => undefined);
  return { url: server.url };
}
