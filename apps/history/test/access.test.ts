import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import { freePort } from '@wan-image/testing/postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADMIN, ADMIN_API_KEY } from './support/access.ts';
import { checkBody, checkHead, hasCheckedBody } from './support/openapi-check.ts';
import { fetchChecked, generate, get } from './support/requests.ts';
import { openHistory, type TestHistory } from './support/test-history.ts';

const body = { model: 'wan2.7-image', prompt: '花', size: '1K' };

/** Sends a request as a browser does: `fetch` does not let a test set Host, Origin and Sec-Fetch-Site. */
async function raw(url: string, method: string, headers: Record<string, string>, text = ''): Promise<number> {
  const sent = request(url, { method, headers }).end(text);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const { statusCode: status = 0 } = response;
  const head = { status, headers: new Headers(response.headers as Record<string, string>) };
  checkHead(method, url, head);
  const received = await textOf(response);
  if (hasCheckedBody(head)) checkBody(method, url, head, received);
  return status;
}

describe('a keyless service', () => {
  let history: TestHistory & AsyncDisposable;
  let host: string;
  beforeAll(async () => {
    history = await openHistory();
    host = new URL(history.url).host;
  });
  afterAll(() => history[Symbol.asyncDispose]());

  const post = (headers: Record<string, string>, text = JSON.stringify(body)): Promise<number> =>
    raw(`${history.url}/v1/images/generations`, 'POST', { 'content-type': 'application/json', ...headers }, text);

  test.each([null, 'Bearer anything', 'Basic eDp5'])('accepts any key or none (%s)', async (authorization) => {
    expect((await generate(history.url, body, authorization === null ? {} : { authorization })).status).toBe(200);
  });

  test.each(['127.0.0.1', 'localhost', 'localhost:9999', '[::1]:3000'])(
    'accepts requests for the host name %s',
    async (name) => {
      expect(await post({ host: name })).toBe(200);
    },
  );

  test.each<[string, () => Promise<number>]>([
    ['a page of another origin', () => post({ origin: 'https://evil.example' })],
    ['a page of another port', () => post({ origin: 'http://localhost:8080' })],
    ['a sandboxed page', () => post({ origin: 'null' })],
    ['a rebound host name', () => post({ host: 'evil.example' })],
    ['a rebound host name that looks like ours', () => post({ host: '127.0.0.1.evil.example' })],
    [
      'a rebound host name with its own origin',
      () => post({ host: `evil.example:${host.split(':')[1]}`, origin: 'http://evil.example' }),
    ],
    ['a page without Origin, told by the browser', () => post({ 'sec-fetch-site': 'cross-site' })],
    [
      'a form',
      () => post({ origin: 'https://evil.example', 'content-type': 'application/x-www-form-urlencoded' }, 'prompt=x'),
    ],
    ['a form without Origin', () => post({ 'content-type': 'application/x-www-form-urlencoded' }, 'prompt=x')],
    ['JSON disguised as text', () => post({ 'content-type': 'text/plain' })],
    ['no content type', () => raw(`${history.url}/v1/images/generations`, 'POST', {}, JSON.stringify(body))],
  ])('rejects generations from %s', async (_name, send) => {
    const before = history.simulator.totals.calls;
    expect([403, 415]).toContain(await send());
    expect(history.simulator.totals.calls).toBe(before);
  });

  test('does not show the history to a rebound page either', async () => {
    expect(await raw(`${history.url}/v1/generations`, 'GET', { host: 'evil.example' })).toBe(403);
    expect(await raw(`${history.url}/`, 'GET', { host: 'evil.example' })).toBe(403);
  });

  test.each(['cross-site', 'same-site'])(
    'starts no export for an image or a frame of another page (%s)',
    async (site) => {
      const { headers } = await generate(history.url, body);
      const path = `${history.url}/v1/exports?format=zip&id=${headers.get('x-generation-id')}`;
      for (const mode of ['no-cors', 'navigate'])
        expect(await raw(path, 'GET', { 'sec-fetch-site': site, 'sec-fetch-mode': mode })).toBe(403);
      // The link in the gallery, the address bar, and what is no browser.
      for (const own of ['same-origin', 'none']) expect(await raw(path, 'GET', { 'sec-fetch-site': own })).toBe(200);
      expect(await raw(path, 'GET', {})).toBe(200);
      // What costs nothing may be linked to.
      expect(await raw(`${history.url}/v1/generations`, 'GET', { 'sec-fetch-site': site })).toBe(200);
    },
  );

  test('accepts its own page', async () => {
    expect(await post({ origin: history.url })).toBe(200);
  });

  test.each(['127.0.0.1', 'localhost', '[::1]'])('accepts every method from its own page at %s', async (name) => {
    const { headers } = await generate(history.url, body);
    const path = `${history.url}/v1/generations/${headers.get('x-generation-id')}`;
    const own = `${name}:${host.split(':')[1]}`;
    const page = { host: own, origin: `http://${own}`, 'sec-fetch-site': 'same-origin' };
    const json = { ...page, 'content-type': 'application/json' };
    expect([
      await raw(path, 'GET', { host: own, 'sec-fetch-site': 'same-origin' }),
      await raw(path, 'PATCH', json, '{"note":"花"}'),
      await raw(path, 'DELETE', page),
      await raw(`${path}/restore`, 'POST', json, '{}'),
      await raw(`${history.url}/v1/retention`, 'PUT', json, '{}'),
      await raw(`${path}/events`, 'GET', { host: own, 'sec-fetch-site': 'same-origin', accept: 'text/event-stream' }),
      await raw(history.url, 'GET', { host: own, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }),
    ]).toEqual([200, 200, 204, 200, 200, 200, 503]);
  });

  test('accepts requests for the host name of its PUBLIC_URL, and its page', async () => {
    const port = await freePort();
    await using named = await openHistory({ PUBLIC_URL: 'https://images.example', PORT: String(port) });
    const url = `http://127.0.0.1:${port}/v1/images/generations`;
    const headers = { 'content-type': 'application/json', host: 'images.example', origin: 'https://images.example' };
    expect(await raw(url, 'POST', headers, JSON.stringify(body))).toBe(200);
    expect(named.url).toBe('https://images.example');
  });
});

describe('a service with an admin key', () => {
  let history: TestHistory & AsyncDisposable;
  beforeAll(async () => {
    history = await openHistory({ ADMIN_API_KEY });
  });
  afterAll(() => history[Symbol.asyncDispose]());
  const key = ADMIN;

  test('grants it full access', async () => {
    expect((await generate(history.url, body, key)).status).toBe(200);
    for (const path of ['/v1/generations', '/v1/models']) expect((await get(history.url, path, key)).status).toBe(200);
  });

  test.each<[Record<string, string>, string]>([
    [{}, 'missing_api_key'],
    [{ authorization: 'Bearer wrong' }, 'invalid_api_key'],
    [{ authorization: 'Basic YWRtaW4tc2VjcmV0LW9mLXRlc3Rz' }, 'missing_api_key'],
  ])('rejects %j', async (headers, code) => {
    const before = history.simulator.totals.calls;
    const response = await generate(history.url, body, headers);
    expect(response.status).toBe(401);
    expect(response.body.error).toMatchObject({ type: 'authentication_error', code });
    for (const path of ['/v1/generations', '/v1/models'])
      expect((await get(history.url, path, headers)).status).toBe(401);
    expect(history.simulator.totals.calls).toBe(before);
  });

  test('requires it before the body is read, and on unknown routes', async () => {
    const response = await generate(history.url, '{"broken', {});
    expect(response.status).toBe(401);
    expect((await get(history.url, '/v1/nothing')).status).toBe(401);
  });

  test('serves images by their signed URL alone, and shows none on its page', async () => {
    const response = await generate(history.url, body, key);
    expect((await fetchChecked(response.body.data[0]?.url ?? '')).status).toBe(200);
    const page = await (await fetchChecked(history.url)).text();
    expect(page).not.toContain('<img');
  });

  test('serves health checks and documentation without it', async () => {
    for (const path of ['/healthz', '/readyz', '/openapi.json', '/docs']) {
      expect((await fetchChecked(history.url + path)).status).toBe(200);
    }
  });
});
