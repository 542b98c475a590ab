import { expect, test } from 'vitest';
import { readConfig } from '../src/config/config.ts';
import { ADMIN, ADMIN_API_KEY } from './support/access.ts';
import { fetchChecked, fetchUndescribed, generate } from './support/requests.ts';
import { openHistory } from './support/test-history.ts';

const PAGE = 'https://app.example';
const request = { model: 'wan2.7-image', prompt: '花', size: '1K' };

/** The preflight of a browser for a request of OpenAI's SDK. */
function preflight(url: string, origin: string): Promise<Response> {
  return fetchUndescribed(url, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type,idempotency-key,x-stainless-retry-count',
    },
  });
}

const corsOf = ({ headers }: Response): Record<string, string> =>
  Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control-')));

test('pages of the origins in CORS_ORIGINS may use the API, and read its images and its errors', async () => {
  await using history = await openHistory({ ADMIN_API_KEY, CORS_ORIGINS: `${PAGE}, http://localhost:5173` });
  const path = `${history.url}/v1/images/generations`;
  for (const origin of [PAGE, 'http://localhost:5173']) {
    const asked = await preflight(path, origin);
    expect([asked.status, asked.headers.get('vary')]).toEqual([204, 'origin, access-control-request-headers']);
    expect(corsOf(asked)).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-methods': expect.stringContaining('POST'),
      'access-control-allow-headers': 'authorization,content-type,idempotency-key,x-stainless-retry-count',
    });
    expect(history.simulator.totals.calls).toBe(0);
  }
  const response = await generate(history.url, request, { ...ADMIN, origin: PAGE });
  expect(response.status).toBe(200);
  const exposed = (response.headers.get('access-control-expose-headers') ?? '').split(', ');
  expect(exposed).toEqual(
    expect.arrayContaining(['x-generation-id', 'x-request-id', 'idempotent-replayed', 'warning', 'retry-after']),
  );
  const image = response.body.data[0]?.url ?? '';
  const id = response.headers.get('x-generation-id');
  for (const url of [
    image,
    `${image}&width=160`,
    `${history.url}/v1/nothing`,
    path,
    `${history.url}/v1/generations/${id}/events`,
  ]) {
    const read = await fetchChecked(url, { headers: { origin: PAGE } });
    expect([url, read.headers.get('access-control-allow-origin')]).toEqual([url, PAGE]);
    expect(read.headers.get('vary')).toMatch(/^origin\b/);
    await read.body?.cancel();
  }
  expect((await fetchChecked(`${image}&width=160`)).headers.get('vary')).toBe('origin, accept');
});

test('pages of other origins are told nothing', async () => {
  await using history = await openHistory({ ADMIN_API_KEY, CORS_ORIGINS: PAGE });
  const path = `${history.url}/v1/images/generations`;
  for (const origin of ['https://evil.example', 'null', 'https://app.example.evil.example', 'http://app.example']) {
    expect(corsOf(await preflight(path, origin))).toEqual({});
    expect(corsOf(await fetchChecked(path, { method: 'POST', headers: { ...ADMIN, origin } }))).toEqual({});
  }
});

test('by default no page may', async () => {
  await using history = await openHistory({ ADMIN_API_KEY });
  const asked = await preflight(`${history.url}/v1/images/generations`, PAGE);
  expect([asked.status, corsOf(asked)]).toEqual([401, {}]);
});

test('without keys, only pages of the listed origins may', async () => {
  await using history = await openHistory({ CORS_ORIGINS: PAGE });
  const allowed = await generate(history.url, request, { origin: PAGE, 'sec-fetch-site': 'cross-site' });
  expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([200, PAGE]);
  const refused = await generate(history.url, request, { origin: 'https://evil.example' });
  expect([refused.status, refused.body.error.code]).toEqual([403, 'foreign_page']);
  expect(refused.body.error.message).toContain('CORS_ORIGINS');
  expect(history.simulator.totals.calls).toBe(1);
});

test('* is every origin, and needs a key', async () => {
  await using history = await openHistory({ ADMIN_API_KEY, CORS_ORIGINS: '*' });
  const asked = await preflight(`${history.url}/v1/images/generations`, 'https://any.example');
  expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([204, '*']);
  expect((await generate(history.url, request, { origin: 'https://any.example' })).status).toBe(401);
});

test.each([
  ['*', 'set ADMIN_API_KEY'],
  ['*,https://a.example', 'either'],
  ['https://a.example/', 'without a path'],
  ['https://A.example', 'lower case'],
  ['https://a.example:443', 'default port'],
  ['a.example', 'origins such as'],
  ['https://*.example', 'origins such as'],
])('CORS_ORIGINS=%s is refused at start', (origins, problem) => {
  expect(() => readConfig({ CORS_ORIGINS: origins })).toThrow(problem);
});
