import type { GenerationList } from '@wan-image/core';
import { sendJson, startTestServer } from '@wan-image/testing/http-server';
import { expect, test } from 'vitest';
import { ADMIN, ADMIN_API_KEY, bearer, createKey, keyRecord } from './support/access.ts';
import { fetchChecked, generate, get } from './support/requests.ts';
import { openHistory, openTestData, runHistory, upstreamAt } from './support/test-history.ts';

const request = { model: 'wan2.7-image', prompt: '花', size: '1K' };
const PRICES = 'wan2.7-image=0.20,wan2.7-image-pro=0.50';

test('what the embedded simulator generates is marked, costs nothing and uses up no budget', async () => {
  await using testData = await openTestData();
  await using service = await runHistory(testData, { ADMIN_API_KEY, PRICES });
  const { id, key } = await createKey(service.url, { spend_limit: { amount: '0.20', period: 'total' } });
  for (let count = 0; count < 2; count++) expect((await generate(service.url, request, bearer(key))).status).toBe(200);
  const { data } = (await get<GenerationList>(service.url, '/v1/generations', ADMIN)).body;
  expect(data.map(({ upstream, cost, outcome }) => [upstream.simulated, cost, outcome])).toEqual([
    [true, null, 'billed'],
    [true, null, 'billed'],
  ]);
  expect((await keyRecord(service.url, id)).spend_limit).toMatchObject({ spent: '0.00', reserved: '0.00' });
});

test('the home page marks simulated images only', async () => {
  await using testData = await openTestData();
  await using service = await runHistory(testData);
  await generate(service.url, request);
  expect(await (await fetchChecked(`${service.url}/`)).text()).toContain('class="badge">simulated<');
  await using remote = await openHistory();
  await generate(remote.url, request);
  expect(await (await fetchChecked(`${remote.url}/`)).text()).not.toContain('class="badge"');
  const { data } = (await get<GenerationList>(remote.url, '/v1/generations')).body;
  expect(data[0]?.upstream.simulated).toBe(false);
});

test('the own words of the upstream about its account are for the admin key and the log', async () => {
  const words = 'This token has no access to wan2.7-image in cn-east';
  await using upstream = await startTestServer((_request, response) => sendJson(response, 403, { detail: words }));
  await using testData = await openTestData();
  await using service = await runHistory(testData, { ...upstreamAt(upstream.url), ADMIN_API_KEY });
  const { key } = await createKey(service.url);
  const failed = await generate(service.url, request, bearer(key));
  expect([failed.status, failed.body.error.code]).toEqual([502, 'authentication']);
  expect(JSON.stringify(failed.body)).not.toContain(words);
  const path = `/v1/generations/${failed.headers.get('x-generation-id')}`;
  const messageFor = async (headers: Record<string, string>): Promise<unknown> =>
    (await get<{ upstream: { message: unknown } }>(service.url, path, headers)).body.upstream.message;
  expect([await messageFor(ADMIN), await messageFor(bearer(key))]).toEqual([words, null]);
  expect(service.logs.join('')).toContain(words);
});
