import type { ApiKeyRecord, GenerationRecord, GenerationResponse } from '@wan-image/core';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { ADMIN, ADMIN_API_KEY, bearer, createKey, keyRecord } from './support/access.ts';
import { onDatabase } from './support/on-database.ts';
import { fetchUndescribed, generate, get, recordOf, send } from './support/requests.ts';
import { openTestData, runHistory, runSimulator, upstreamAt } from './support/test-history.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const request = { model: 'wan2.7-image', prompt: '钟', size: '1K' };
const settings = { ADMIN_API_KEY, PRICES: 'wan2.7-image=0.20,wan2.7-image-pro=0.50' };

/** Sets the clock of this process: from now on every replica in it is that far ahead of the database, or behind it. */
function setClockAhead(ms: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms });
}

afterEach(() => {
  vi.useRealTimers();
});

/** How far a time is from that of the database, in whole hours. */
const hoursOff = (time: string | null, now: number): number => Math.round((Date.parse(time ?? '') - now) / HOUR_MS);

describe.each([
  ['a day ahead', 25 * HOUR_MS],
  ['a year ahead', 400 * DAY_MS],
  ['a day behind', -25 * HOUR_MS],
])('a replica whose clock is %s', (_name, ms) => {
  test('gets the response of the first request with an idempotency key, and the others get its own', async () => {
    await using testData = await openTestData();
    await using simulator = await runSimulator();
    await using right = await runHistory(testData, upstreamAt(simulator.url));
    const first = await generate(right.url, request, { 'idempotency-key': 'one' });
    setClockAhead(ms);
    await using wrong = await runHistory(testData, upstreamAt(simulator.url), { longestIntervalMs: 50 });
    const replayed = await generate(wrong.url, request, { 'idempotency-key': 'one' });
    expect(replayed.headers.get('x-generation-id')).toBe(first.headers.get('x-generation-id'));
    const own = await generate(wrong.url, { ...request, prompt: '另一个' }, { 'idempotency-key': 'two' });
    vi.useRealTimers();
    await using again = await runHistory(testData, upstreamAt(simulator.url), { longestIntervalMs: 50 });
    for (const [key, response] of Object.entries({ one: first, two: own })) {
      const later = await generate(again.url, response === own ? { ...request, prompt: '另一个' } : request, {
        'idempotency-key': key,
      });
      expect(later.headers.get('x-generation-id')).toBe(response.headers.get('x-generation-id'));
    }
    expect(simulator.totals.calls).toBe(2);
  });

  test('records the times of the database, and spends from the same period', async () => {
    await using testData = await openTestData();
    await using simulator = await runSimulator();
    const environment = { ...upstreamAt(simulator.url), ...settings };
    await using right = await runHistory(testData, environment);
    const { id, key } = await createKey(right.url, { spend_limit: { amount: '0.40', period: 'day' } });
    const now = Date.now();
    expect((await generate(right.url, request, bearer(key))).status).toBe(200);
    setClockAhead(ms);
    await using wrong = await runHistory(testData, environment);
    const response = await generate(wrong.url, request, bearer(key));
    const path = `/v1/generations/${response.headers.get('x-generation-id')}`;
    const record = (await get<GenerationRecord>(wrong.url, path, bearer(key))).body;
    for (const time of [record.created_at, record.sent_at, record.finished_at]) expect(hoursOff(time, now)).toBe(0);
    const { spend_limit: limit, last_used_at: used } = await keyRecord(wrong.url, id);
    expect(limit).toMatchObject({ spent: '0.40', reserved: '0.00' });
    expect(Date.parse(limit?.resets_at ?? '') - now).toBeLessThanOrEqual(DAY_MS);
    expect(hoursOff(used, now)).toBe(0);
    const refused = await generate(wrong.url, { ...request, prompt: '没钱' }, bearer(key));
    expect([refused.status, Number(refused.headers.get('retry-after')) <= DAY_MS / 1000]).toEqual([402, true]);
    expect(simulator.totals.calls).toBe(2);
  });

  test('judges and sets the expiry of API keys by the clock of the database', async () => {
    await using testData = await openTestData();
    await using right = await runHistory(testData, settings);
    const now = Date.now();
    const expiresAt = (distance: number): { readonly expires_at: string } => ({
      expires_at: new Date(now + distance).toISOString(),
    });
    const valid = await createKey(right.url, expiresAt(HOUR_MS));
    const expired = await createKey(right.url, expiresAt(HOUR_MS));
    await onDatabase(testData, `update api_key set expires_at = now() - interval '1 hour' where id = '${expired.id}'`);
    setClockAhead(ms);
    await using wrong = await runHistory(testData, settings);
    const statusOf = async (key: string): Promise<number> =>
      (await get(wrong.url, '/v1/generations', bearer(key))).status;
    expect([await statusOf(valid.key), await statusOf(expired.key)]).toEqual([200, 401]);
    const create = (body: object): Promise<{ readonly status: number; readonly body: ApiKeyRecord }> =>
      send(`${wrong.url}/v1/api-keys`, { method: 'POST', headers: ADMIN, body: { name: 'k', ...body } });
    expect([(await create(expiresAt(HOUR_MS))).status, (await create(expiresAt(-HOUR_MS))).status]).toEqual([201, 400]);
  });

  test('archives an input at once', async () => {
    await using testData = await openTestData();
    await using simulator = await runSimulator();
    const environment = { ...upstreamAt(simulator.url), ARCHIVE_INPUTS: 'true', ARCHIVE_PRIVATE_HOSTS: 'true' };
    setClockAhead(ms);
    await using wrong = await runHistory(testData, environment, { longestIntervalMs: 50 });
    const created = await fetchUndescribed(`${simulator.url}/v1/images/generations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...bearer('k') },
      body: JSON.stringify(request),
    });
    const { data } = (await created.json()) as GenerationResponse;
    const response = await generate(wrong.url, { ...request, image: data[0]?.url });
    await expect.poll(async () => (await recordOf(wrong.url, response)).input_images[0]?.state).toBe('stored');
  });
});
