import type { ApiKeyList, ApiKeyRecord, ErrorBody, ProjectList, ProjectRecord } from '@wan-image/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ADMIN,
  ADMIN_API_KEY,
  bearer,
  createKey,
  createProject,
  expire,
  keyRecord,
  post,
  revoke,
} from './support/access.ts';
import { generate, get, recordOf } from './support/requests.ts';
import { openHistory, runHistory, upstreamAt, type TestHistory } from './support/test-history.ts';

const request = { model: 'wan2.7-image', prompt: '花', size: '1K' };
const PRICES = { PRICES: 'wan2.7-image=0.20,wan2.7-image-pro=0.50' };
const DEFAULT_PROJECT = '00000000-0000-7000-8000-000000000000';

let history: TestHistory & AsyncDisposable;
let url: string;
beforeAll(async () => {
  history = await openHistory({ ADMIN_API_KEY, ...PRICES });
  ({ url } = history);
});
afterAll(() => history[Symbol.asyncDispose]());

describe('projects', () => {
  test('are created, listed newest first, and retrieved by id', async () => {
    const made = [await createProject(url, '花店'), await createProject(url, 'lab')];
    const { data } = (await get<ProjectList>(url, '/v1/projects?limit=2', ADMIN)).body;
    expect(data).toEqual(made.toReversed());
    expect((await get<ProjectRecord>(url, `/v1/projects/${made[0]?.id}`, ADMIN)).body).toEqual(made[0]);
    const { body } = await get<ProjectList>(url, `/v1/projects?cursor=${made[0]?.id}`, ADMIN);
    expect(body.data.at(-1)).toMatchObject({ id: DEFAULT_PROJECT, name: 'default' });
    expect((await get(url, '/v1/projects/00000000-0000-7000-8000-00000000000f', ADMIN)).status).toBe(404);
  });

  test('have unique names', async () => {
    await createProject(url, 'twice');
    const { status, body } = await post(url, '/v1/projects', { name: ' twice ' });
    expect([status, body.error.code, body.error.param]).toEqual([409, 'name_taken', 'name']);
  });

  test.each([[{}], [{ name: '' }], [{ name: 'x'.repeat(101) }], [{ name: 'x', color: 'red' }], [[]]])(
    'reject %j',
    async (body) => {
      const response = await post(url, '/v1/projects', body);
      expect([response.status, response.body.error.code]).toEqual([400, 'invalid_request']);
    },
  );
});

describe('API keys', () => {
  test('are shown once, and stored as a hash', async () => {
    const { key, ...record } = await createKey(url, { name: 'build', rate_limit: 5 });
    expect(key).toMatch(/^wan_[\w-]{43}$/);
    expect(record).toMatchObject({
      object: 'api_key',
      project_id: DEFAULT_PROJECT,
      name: 'build',
      prefix: key.slice(0, 10),
      scopes: ['generate', 'read'],
      rate_limit: 5,
      spend_limit: null,
      revoked_at: null,
      archived_at: null,
    });
    expect(await keyRecord(url, record.id)).toEqual(record);
    const list = JSON.stringify((await get(url, '/v1/api-keys?limit=100', ADMIN)).body);
    expect(list).toContain(record.id);
    expect(list).not.toContain(key);
    await generate(url, request, bearer(key));
    expect(history.logs.join('')).not.toContain(key);
  });

  test('are listed by project, page by page, newest first', async () => {
    const { id } = await createProject(url, 'many keys');
    const made = [];
    for (let count = 0; count < 3; count++) made.push((await createKey(url, { project_id: id })).id);
    const first = (await get<ApiKeyList>(url, `/v1/api-keys?project_id=${id}&limit=2`, ADMIN)).body;
    const path = `/v1/api-keys?project_id=${id}&limit=2&cursor=${first.next_cursor}`;
    const second = (await get<ApiKeyList>(url, path, ADMIN)).body;
    expect([...first.data, ...second.data].map((key) => key.id)).toEqual(made.toReversed());
    expect([first.has_more, second.has_more, second.next_cursor]).toEqual([true, false, null]);
  });

  test.each<[object, string]>([
    [{ name: 5 }, 'name'],
    [{ scopes: [] }, 'scopes'],
    [{ scopes: ['admin'] }, 'scopes[0]'],
    [{ rate_limit: 0 }, 'rate_limit'],
    [{ rate_limit: 1.5 }, 'rate_limit'],
    [{ spend_limit: { amount: 5, period: 'day' } }, 'spend_limit.amount'],
    [{ spend_limit: { amount: '-1', period: 'day' } }, 'spend_limit.amount'],
    [{ spend_limit: { amount: '0.0000001', period: 'day' } }, 'spend_limit.amount'],
    [{ spend_limit: { amount: '5', period: 'week' } }, 'spend_limit.period'],
    [{ expires_at: 'tomorrow' }, 'expires_at'],
    [{ expires_at: '2020-01-01T00:00:00Z' }, 'expires_at'],
    [{ project_id: 'x' }, 'project_id'],
    [{ project_id: '00000000-0000-7000-8000-00000000000f' }, 'project_id'],
    [{ colour: 'red' }, 'colour'],
  ])('reject %j, and name the field', async (fields, param) => {
    const { status, body } = await post(url, '/v1/api-keys', { name: 'x', ...fields });
    expect([status, body.error.code, body.error.param]).toEqual([400, 'invalid_request', param]);
  });

  test('grant no access once revoked, and keep their first revocation time', async () => {
    const { id, key } = await createKey(url);
    expect((await get(url, '/v1/generations', bearer(key))).status).toBe(200);
    const first = await revoke(url, id);
    expect(first.status).toBe(200);
    expect(first.body.revoked_at).not.toBeNull();
    const response = await get<ErrorBody>(url, '/v1/generations', bearer(key));
    expect([response.status, response.body.error.code]).toEqual([401, 'revoked_api_key']);
    expect((await revoke(url, id)).body).toEqual(first.body);
    expect((await revoke(url, '00000000-0000-7000-8000-00000000000f')).status).toBe(404);
  });

  test('grant no access once expired', async () => {
    const { id, key } = await createKey(url, { expires_at: '2099-01-01T00:00:00Z' });
    expect((await get(url, '/v1/generations', bearer(key))).status).toBe(200);
    await expire(history, id);
    const refused = await get<ErrorBody>(url, '/v1/generations', bearer(key));
    expect([refused.status, refused.body.error.code]).toEqual([401, 'expired_api_key']);
  });

  test('report when they were last used', async () => {
    const { id, key, last_used_at: never } = await createKey(url);
    expect(never).toBeNull();
    const before = Date.now();
    await get(url, '/v1/generations', bearer(key));
    const { last_used_at: used } = await keyRecord(url, id);
    expect(Date.parse(used ?? '')).toBeGreaterThanOrEqual(before);
    await get(url, '/v1/generations', bearer(key));
    expect((await keyRecord(url, id)).last_used_at).toBe(used);
  });

  test('appear in the records of their generations', async () => {
    const { id, key } = await createKey(url);
    const response = await generate(url, request, bearer(key));
    const path = `/v1/generations/${response.headers.get('x-generation-id')}`;
    expect((await get(url, path, bearer(key))).body).toMatchObject({ api_key: { id } });
    const admin = await generate(url, request, ADMIN);
    const record = (await get(url, `/v1/generations/${admin.headers.get('x-generation-id')}`, ADMIN)).body;
    expect(record).toMatchObject({ api_key: null, cost: { amount: '0.20', currency: 'CNY' } });
  });
});

test('a service without an admin key explains how to enable projects and keys', async () => {
  await using open = await openHistory();
  for (const path of ['/v1/projects', '/v1/api-keys']) {
    const { status, body } = await get<ErrorBody>(open.url, path);
    expect([status, body.error.code]).toEqual([403, 'admin_only']);
    expect(body.error.message).toContain('set ADMIN_API_KEY');
  }
  const response = await generate(open.url, request);
  expect(await recordOf(open.url, response)).toMatchObject({ api_key: null, cost: null });
});

describe('a rate limit', () => {
  test('allows one minute’s quota, then returns retry-after; rejected requests are not recorded', async () => {
    const { id } = await createProject(url, 'rates');
    const { key } = await createKey(url, { project_id: id, rate_limit: 3 });
    const before = history.simulator.totals.calls;
    const responses: Awaited<ReturnType<typeof generate>>[] = [];
    for (let count = 0; count < 5; count++) responses.push(await generate(url, request, bearer(key)));
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 200, 429, 429]);
    const header = (name: string): (string | null)[] => responses.map(({ headers }) => headers.get(name));
    expect(header('x-ratelimit-limit-requests')).toEqual(['3', '3', '3', '3', '3']);
    expect(header('x-ratelimit-remaining-requests')).toEqual(['2', '1', '0', '0', '0']);
    for (const reset of header('x-ratelimit-reset-requests')) expect(reset).toMatch(/^[1-6]?\ds$/);
    const refused = responses[4];
    expect(refused?.body.error).toMatchObject({ type: 'rate_limit_error', code: 'rate_limit_exceeded' });
    const wait = Number(refused?.headers.get('retry-after'));
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(20);
    expect(history.simulator.totals.calls).toBe(before + 3);
    // Reads are not limited.
    const list = await get<{ data: unknown[] }>(url, '/v1/generations', bearer(key));
    expect([list.status, list.body.data.length]).toEqual([200, 3]);
  });

  test('does not count replays, and does not reject them', async () => {
    const { key } = await createKey(url, { rate_limit: 1 });
    const headers = { ...bearer(key), 'idempotency-key': 'rated' };
    const first = await generate(url, request, headers);
    const second = await generate(url, request, headers);
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect((await generate(url, request, bearer(key))).status).toBe(429);
  });
});

describe('a spend limit', () => {
  const limited = (amount: string, period = 'day'): ReturnType<typeof createKey> =>
    createKey(url, { spend_limit: { amount, period } });
  const spendOf = async (id: string): Promise<ApiKeyRecord['spend_limit']> => (await keyRecord(url, id)).spend_limit;

  test('counts what was billed, and rejects requests that could exceed it', async () => {
    const { id, key } = await limited('1.00');
    expect((await generate(url, { ...request, n: 4 }, bearer(key))).status).toBe(200);
    expect(await spendOf(id)).toMatchObject({ amount: '1.00', currency: 'CNY', spent: '0.80', reserved: '0.00' });
    const before = history.simulator.totals.calls;
    const refused = await generate(url, { ...request, n: 2 }, { ...bearer(key), 'idempotency-key': 'too-much' });
    expect(refused.status).toBe(402);
    expect(refused.body.error).toMatchObject({ type: 'spend_limit_error', code: 'spend_limit_reached' });
    expect(refused.headers.get('x-should-retry')).toBe('false');
    const midnight = new Date(new Date().setUTCHours(24, 0, 0, 0)).getTime();
    const wait = Number(refused.headers.get('retry-after')) * 1000;
    expect(Math.abs(Date.now() + wait - midnight)).toBeLessThan(60_000);
    expect(history.simulator.totals.calls).toBe(before);
    // Nothing was recorded, not even the idempotency key.
    expect((await generate(url, request, { ...bearer(key), 'idempotency-key': 'too-much' })).status).toBe(200);
    expect(await spendOf(id)).toMatchObject({ spent: '1.00', reserved: '0.00' });
  });

  test('with a total period has no reset time', async () => {
    const { id, key } = await limited('0.10', 'total');
    const refused = await generate(url, request, bearer(key));
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([402, null]);
    expect(await spendOf(id)).toMatchObject({ period: 'total', spent: '0.00', resets_at: null });
  });

  test('reserves the maximum cost of generations in flight', async () => {
    const { id, key } = await limited('5.00', 'month');
    const body = { ...request, prompt: '一套 [[simulate delay=600]]', n: 12, enable_sequential: true };
    const before = history.simulator.totals.calls;
    const responding = generate(url, body, bearer(key));
    await expect.poll(() => history.simulator.totals.calls).toBe(before + 1);
    expect(await spendOf(id)).toMatchObject({ spent: '0.00', reserved: '2.40' });
    const count = (await responding).body.data.length;
    expect(await spendOf(id)).toMatchObject({ spent: (count * 0.2).toFixed(2), reserved: '0.00' });
  });

  test.each([
    ['costs nothing where nothing was billed', 'status=400 code=InvalidParameter', '0.00'],
    ['counts all that may have been billed', 'status=500', '0.40'],
  ])('%s', async (_name, directive, spent) => {
    const { id, key } = await limited('1.00');
    const body = { ...request, prompt: `花 [[simulate ${directive}]]`, n: 2 };
    const response = await generate(url, body, bearer(key));
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(await spendOf(id)).toMatchObject({ spent, reserved: '0.00' });
    const path = `/v1/generations/${response.headers.get('x-generation-id')}`;
    expect((await get(url, path, bearer(key))).body).toMatchObject({ cost: { amount: spent, currency: 'CNY' } });
  });

  test('does not count replays, and does not reject them', async () => {
    const { id, key } = await limited('0.20');
    const headers = { ...bearer(key), 'idempotency-key': 'paid-once' };
    expect((await generate(url, request, headers)).status).toBe(200);
    expect((await generate(url, request, headers)).headers.get('idempotent-replayed')).toBe('true');
    expect(await spendOf(id)).toMatchObject({ spent: '0.20', reserved: '0.00' });
  });

  test('requires a price for every model, also after a restart with other prices', async () => {
    const { key } = await limited('1.00');
    await history.close();
    const settings = { ...upstreamAt(history.simulator.url), ADMIN_API_KEY, PRICES: 'wan2.7-image-pro=0.50' };
    await using again = await runHistory(history.testData, settings);
    const before = history.simulator.totals.calls;
    const response = await generate(again.url, request, bearer(key));
    expect([response.status, response.body.error.code]).toEqual([503, 'no_price']);
    expect(history.simulator.totals.calls).toBe(before);
    const refused = await post(again.url, '/v1/api-keys', { name: 'x', spend_limit: { amount: '1', period: 'day' } });
    expect([refused.status, refused.body.error.param]).toEqual([400, 'spend_limit']);
    expect(refused.body.error.message).toContain('wan2.7-image');
  });
});
