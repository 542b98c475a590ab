import { sendJson, startTestServer } from '@wan-image/testing/http-server';
import type { GenerationRecord } from '@wan-image/core';
import { encodeImage } from '@wan-image/testing/images';
import { expect, test } from 'vitest';
import { ADMIN, ADMIN_API_KEY } from './support/access.ts';
import { generate, get, recordOf } from './support/requests.ts';
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

test.each(['Kurz7', 'k', 'sk-upstream-secret-123'])(
  'the key of the upstream (%s), which the upstream quotes, is in no response, record or line of the log',
  async (secret) => {
    await using upstream = await startTestServer((_request, response) => {
      const message = `Bad key ${secret} given, "${secret}" (${secret}).`;
      sendJson(
        response,
        401,
        { error: { message, code: secret, type: secret, param: secret } },
        { 'x-request-id': secret },
      );
    });
    await using testData = await openTestData();
    const settings = { ...upstreamAt(upstream.url), UPSTREAM_API_KEY: secret, ADMIN_API_KEY };
    await using service = await runHistory(testData, settings);
    const failed = await generate(service.url, request, ADMIN);
    expect([failed.status, upstream.requests[0]?.headers.authorization]).toEqual([502, `Bearer ${secret}`]);
    const { body: record } = await get<GenerationRecord>(
      service.url,
      `/v1/generations/${failed.headers.get('x-generation-id')}`,
      ADMIN,
    );
    // Its own words are shown, without the key.
    expect(record.upstream.message).toContain('Bad key [redacted] given');
    const isWord = new RegExp(`(?<![\\p{L}\\p{N}_])${secret}(?![\\p{L}\\p{N}_])`, 'u');
    for (const text of [
      JSON.stringify(failed.body),
      JSON.stringify([...failed.headers]),
      JSON.stringify(record),
      service.logs.join(''),
    ])
      expect(text).not.toMatch(isWord);
  },
);

test.each([17, 60])('a paid response with %i KB of headers is read', async (kilobytes) => {
  const image = (await encodeImage({ format: 'png', width: 300, height: 200 })).toString('base64');
  await using upstream = await startTestServer((_request, response) => {
    const headers = Object.fromEntries(Array.from({ length: kilobytes }, (_, n) => [`x-part-${n}`, 'x'.repeat(1010)]));
    sendJson(response, 200, { created: 1, data: [{ b64_json: image }] }, headers);
  });
  await using testData = await openTestData();
  await using service = await runHistory(testData, upstreamAt(upstream.url));
  const made = await generate(service.url, request);
  expect(made.status).toBe(200);
  expect(await recordOf(service.url, made)).toMatchObject({ state: 'succeeded', outcome: 'billed' });
  expect(upstream.requests).toHaveLength(1);
});

/** An address at which no server listens any more. */
async function startAndClose(): Promise<{ readonly url: string }> {
  await using server = await startTestServer(() => undefined);
  return { url: server.url };
}
