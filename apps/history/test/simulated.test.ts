import type { GenerationList, GenerationRecord } from '@wan-image/core';
import { sendJson, startTestServer } from '@wan-image/testing/http-server';
import { describe, expect, test } from 'vitest';
import { ADMIN, ADMIN_API_KEY, bearer, createKey, keyRecord } from './support/access.ts';
import { generate, get } from './support/requests.ts';
import { openTestData, runHistory, runSimulator, upstreamAt, type RunningHistory } from './support/test-history.ts';

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

describe('a generation that was queued under another kind of upstream is not sent, and costs nothing', () => {
  const limits = { ADMIN_API_KEY, PRICES, UPSTREAM_CONCURRENCY: '1' };

  /** One generation that runs until the service closes, and one of the key that is still queued then. Returns the id of that one. */
  async function leaveQueued(service: RunningHistory, key: string): Promise<string> {
    const later = { ...bearer(key), prefer: 'respond-async' };
    const slow = { ...request, prompt: '慢 [[simulate delay=1000]]' };
    const running = await generate(service.url, slow, later);
    await expect.poll(async () => (await recordFor(service, idOf(running), key)).state).toBe('running');
    const queued = await generate(service.url, request, { ...later, 'idempotency-key': 'k' });
    expect([queued.status, (await recordFor(service, idOf(queued), key)).state]).toEqual([202, 'queued']);
    await service.close();
    return idOf(queued);
  }

  const idOf = ({ headers }: { readonly headers: Headers }): string => headers.get('x-generation-id') ?? '';
  const recordFor = async ({ url }: { readonly url: string }, id: string, key: string): Promise<GenerationRecord> =>
    (await get<GenerationRecord>(url, `/v1/generations/${id}`, bearer(key))).body;
  const spendLimit = { spend_limit: { amount: '9.00', period: 'total' } };
  const notSent = { state: 'failed', outcome: 'not_billed', sent_at: null, error: { code: 'upstream_changed' } };

  test('simulated before, real now: the upstream sees only what is sent again', async () => {
    await using testData = await openTestData();
    await using simulator = await runSimulator();
    const before = await runHistory(testData, limits);
    const { id: keyId, key } = await createKey(before.url, spendLimit);
    const id = await leaveQueued(before, key);
    await using real = await runHistory(testData, { ...limits, ...upstreamAt(simulator.url) });
    await expect.poll(() => recordFor(real, id, key)).toMatchObject(notSent);
    expect(simulator.totals.calls).toBe(0);
    const { data } = (await get<GenerationList>(real.url, '/v1/generations', ADMIN)).body;
    expect(data.map(({ upstream, cost }) => [upstream.simulated, cost])).toEqual([
      [true, null],
      [true, null],
    ]);
    expect((await generate(real.url, request, { ...bearer(key), 'idempotency-key': 'k' })).status).toBe(200);
    expect(simulator.totals.calls).toBe(1);
    expect((await keyRecord(real.url, keyId)).spend_limit).toMatchObject({ spent: '0.20', reserved: '0.00' });
  });

  test('real before, simulated now: its reservation is released', async () => {
    await using testData = await openTestData();
    await using simulator = await runSimulator();
    const before = await runHistory(testData, { ...limits, ...upstreamAt(simulator.url) });
    const { id: keyId, key } = await createKey(before.url, spendLimit);
    const id = await leaveQueued(before, key);
    expect(simulator.totals.calls).toBe(1);
    await using simulated = await runHistory(testData, limits);
    await expect.poll(() => recordFor(simulated, id, key)).toMatchObject({ ...notSent, cost: { amount: '0.00' } });
    expect((await keyRecord(simulated.url, keyId)).spend_limit).toMatchObject({ spent: '0.20', reserved: '0.00' });
    expect(simulator.totals.calls).toBe(1);
  });
});
