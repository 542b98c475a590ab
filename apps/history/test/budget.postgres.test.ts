import { expect, test } from 'vitest';
import { ADMIN_API_KEY, bearer, createKey, keyRecord, revoke } from './support/access.ts';
import { onDatabase } from './support/on-database.ts';
import { generate, get } from './support/requests.ts';
import { openTestData, runHistory, runSimulator, upstreamAt } from './support/test-history.ts';

const request = { model: 'wan2.7-image', prompt: '花', size: '1K' };
const settings = { ADMIN_API_KEY, PRICES: 'wan2.7-image=0.20,wan2.7-image-pro=0.50' };

const countOf = (responses: readonly { readonly status: number }[], status: number): number =>
  responses.filter((response) => response.status === status).length;

test('of 100 requests that race on two replicas for a budget of 10, 10 are generated and 90 get 402', async () => {
  await using testData = await openTestData();
  await using simulator = await runSimulator();
  const environment = { ...upstreamAt(simulator.url), ...settings };
  await using one = await runHistory(testData, environment);
  await using other = await runHistory(testData, environment);
  const { id, key } = await createKey(one.url, { spend_limit: { amount: '2.00', period: 'total' } });
  const responses = await Promise.all(
    Array.from({ length: 100 }, (_, index) =>
      generate(index % 2 === 0 ? one.url : other.url, { ...request, prompt: `第${index}张` }, bearer(key)),
    ),
  );
  expect([countOf(responses, 200), countOf(responses, 402)]).toEqual([10, 90]);
  expect(simulator.totals.calls).toBe(10);
  const { spend_limit: limit } = await keyRecord(other.url, id);
  expect(limit).toMatchObject({ spent: '2.00', reserved: '0.00' });
});

test('of 30 requests that race on two replicas for a rate of 10 per minute, only those within the rate are generated', async () => {
  await using testData = await openTestData();
  await using simulator = await runSimulator();
  const environment = { ...upstreamAt(simulator.url), ...settings };
  await using one = await runHistory(testData, environment);
  await using other = await runHistory(testData, environment);
  const { key } = await createKey(one.url, { rate_limit: 10 });
  const began = Date.now();
  const responses = await Promise.all(
    Array.from({ length: 30 }, (_, index) =>
      generate(index % 2 === 0 ? one.url : other.url, { ...request, prompt: `第${index}张` }, bearer(key)),
    ),
  );
  // One more for every six seconds that the race took, for slow machines.
  const most = 10 + Math.floor((Date.now() - began) / 6000);
  expect(countOf(responses, 200)).toBeGreaterThanOrEqual(10);
  expect(countOf(responses, 200)).toBeLessThanOrEqual(most);
  expect(countOf(responses, 200) + countOf(responses, 429)).toBe(30);
  expect(simulator.totals.calls).toBe(countOf(responses, 200));
});

test('an interrupted generation counts in full until its actual outcome arrives and is settled again', async () => {
  await using testData = await openTestData();
  await using simulator = await runSimulator();
  const environment = { ...upstreamAt(simulator.url), ...settings };
  await using one = await runHistory(testData, environment);
  const { id, key } = await createKey(one.url, { spend_limit: { amount: '5.00', period: 'month' } });
  const body = { ...request, prompt: '慢 [[simulate delay=4000 partial=3]]', n: 4 };
  const responding = generate(one.url, body, bearer(key));
  await expect.poll(() => simulator.totals.calls).toBe(1);
  // Another replica considers its process dead.
  await onDatabase(testData, 'update generation set worker_id = null');
  await using other = await runHistory(testData, environment);
  const spend = async (): Promise<unknown> => (await keyRecord(other.url, id)).spend_limit;
  expect(await spend()).toMatchObject({ spent: '0.80', reserved: '0.00' });
  const response = await responding;
  expect(response.body.data).toHaveLength(3);
  expect(await spend()).toMatchObject({ spent: '0.60', reserved: '0.00' });
  const path = `/v1/generations/${response.headers.get('x-generation-id')}`;
  expect((await get(one.url, path, bearer(key))).body).toMatchObject({ cost: { amount: '0.60', currency: 'CNY' } });
});

test('a key revoked on one replica is rejected by the other within ten seconds', async () => {
  await using testData = await openTestData();
  await using simulator = await runSimulator();
  const environment = { ...upstreamAt(simulator.url), ...settings };
  await using one = await runHistory(testData, environment);
  await using other = await runHistory(testData, environment);
  const { id, key } = await createKey(one.url);
  const statusAt = async (url: string): Promise<number> => (await get(url, '/v1/generations', bearer(key))).status;
  expect([await statusAt(one.url), await statusAt(other.url)]).toEqual([200, 200]);
  await revoke(one.url, id);
  expect(await statusAt(one.url)).toBe(401);
  await expect.poll(() => statusAt(other.url), { interval: 200 }).toBe(401);
});

test('a key that cannot be looked up is not invalid: it gets 503, and the admin key still works', async () => {
  await using testData = await openTestData();
  await using simulator = await runSimulator();
  await using history = await runHistory(testData, { ...upstreamAt(simulator.url), ...settings });
  const { key } = await createKey(history.url);
  await onDatabase(testData, 'alter table api_key rename to gone');
  const response = await generate(history.url, request, bearer(key));
  expect([response.status, response.body.error.code]).toEqual([503, 'key_not_checked']);
  expect(history.logs.join('')).not.toContain(key);
  expect(simulator.totals.calls).toBe(0);
  expect((await get(history.url, '/v1/models', bearer(ADMIN_API_KEY))).status).toBe(200);
});
