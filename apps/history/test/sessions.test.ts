import { createHash } from 'node:crypto';
import type { ErrorBody, GenerationRecord, ServiceInfo } from '@wan-image/core';
import { freePort } from '@wan-image/testing/postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADMIN, ADMIN_API_KEY, createKey } from './support/access.ts';
import { onDatabase } from './support/on-database.ts';
import { fetchChecked, generate } from './support/requests.ts';
import { openHistory, openTestData, runHistory, type TestHistory } from './support/test-history.ts';

let history: TestHistory & AsyncDisposable;
beforeAll(async () => {
  history = await openHistory({ ADMIN_API_KEY });
});
afterAll(() => history[Symbol.asyncDispose]());

type Headers = Readonly<Record<string, string>>;

/** As the page sends requests. */
const send = (method: string, path: string, headers: Headers = {}, body?: object): Promise<Response> =>
  fetchChecked(history.url + path, {
    method,
    headers: { ...(body && { 'content-type': 'application/json' }), ...headers },
    ...(body && { body: JSON.stringify(body) }),
  });
const signIn = (key: string, headers: Headers = {}): Promise<Response> =>
  send('POST', '/v1/session', headers, { api_key: key });
const cookieOf = (response: Response): string => response.headers.getSetCookie()[0] ?? '';
const sessionOf = (response: Response): Headers => ({ cookie: cookieOf(response).split(';', 1)[0] ?? '' });
const codeOf = async (response: Response): Promise<string | null> => ((await response.json()) as ErrorBody).error.code;

describe('a session', () => {
  test('may do what its key may do', async () => {
    const { key } = await createKey(history.url, { scopes: ['read'] });
    const response = await signIn(key);
    expect([response.status, await response.text()]).toEqual([204, '']);
    expect(cookieOf(response)).toMatch(
      /^wan-image-session=[\w-]{43}; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Strict$/,
    );
    const session = sessionOf(response);
    const info = (await (await send('GET', '/v1/service', session)).json()) as ServiceInfo;
    expect(info.scopes).toEqual(['read']);
    expect((await send('GET', '/v1/generations', session)).status).toBe(200);
    expect(await codeOf(await send('DELETE', `/v1/generations/${crypto.randomUUID()}`, session))).toBe(
      'insufficient_scope',
    );
    expect((await send('GET', '/v1/projects', session)).status).toBe(403);
  });

  test('of the admin key sees everything, also what an image page asks for', async () => {
    const session = sessionOf(await signIn(ADMIN_API_KEY));
    expect((await send('GET', '/v1/projects', session)).status).toBe(200);
    const made = await generate(history.url, { model: 'wan2.7-image', prompt: '图', size: '1K' }, ADMIN);
    const id = made.headers.get('x-generation-id') ?? '';
    const record = (await (await send('GET', `/v1/generations/${id}`, session)).json()) as GenerationRecord;
    expect(record.id).toBe(id);
    expect((await send('GET', `/images/${id}-0`, session)).status).toBe(200);
    await send('DELETE', `/v1/generations/${id}`, session);
    const signed = new URL(record.images[0]?.url ?? '');
    expect((await send('GET', signed.pathname + signed.search, session)).status).toBe(200);
    expect((await send('GET', signed.pathname + signed.search)).status).toBe(404);
  });

  test('generates, and its generations are those of the key', async () => {
    const { key, id } = await createKey(history.url);
    const session = sessionOf(await signIn(key));
    const made = await generate(history.url, { model: 'wan2.7-image', prompt: '图', size: '1K' }, session);
    expect(made.status).toBe(200);
    const path = `/v1/generations/${made.headers.get('x-generation-id')}`;
    const record = (await (await send('GET', path, ADMIN)).json()) as GenerationRecord;
    expect(record.api_key?.id).toBe(id);
  });

  test('is ended by signing out, on every page of the browser', async () => {
    const session = sessionOf(await signIn(ADMIN_API_KEY));
    const other = sessionOf(await signIn(ADMIN_API_KEY));
    const response = await send('DELETE', '/v1/session', session);
    expect([response.status, cookieOf(response)]).toEqual([
      204,
      'wan-image-session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict',
    ]);
    expect(await codeOf(await send('GET', '/v1/generations', session))).toBe('session_ended');
    expect((await send('GET', '/v1/generations', other)).status).toBe(200);
    expect((await send('DELETE', '/v1/session', session)).status).toBe(204);
    expect((await send('DELETE', '/v1/session')).status).toBe(204);
    await send('DELETE', '/v1/session', { ...other, ...ADMIN });
    expect(await codeOf(await send('GET', '/v1/generations', other))).toBe('session_ended');
  });

  test('is a new one at each sign-in, and ends that which the browser had', async () => {
    const first = sessionOf(await signIn(ADMIN_API_KEY));
    const second = sessionOf(await signIn(ADMIN_API_KEY, first));
    expect(second).not.toEqual(first);
    expect(await codeOf(await send('GET', '/v1/generations', first))).toBe('session_ended');
    // A sign-in that fails leaves the browser signed in.
    expect(await codeOf(await signIn('wrong', second))).toBe('invalid_api_key');
    expect((await send('GET', '/v1/generations', second)).status).toBe(200);
  });

  test('is never one whose id somebody else chose', async () => {
    const chosen = { cookie: `wan-image-session=${'A'.repeat(43)}` };
    const session = sessionOf(await signIn(ADMIN_API_KEY, chosen));
    expect(session).not.toEqual(chosen);
    expect(await codeOf(await send('GET', '/v1/generations', chosen))).toBe('session_ended');
    expect((await send('GET', '/v1/generations', session)).status).toBe(200);
    // Nor one that somebody else began: who knows its id would see what is generated with it.
    const { key } = await createKey(history.url);
    const planted = sessionOf(await signIn(key));
    await signIn(ADMIN_API_KEY, planted);
    expect(await codeOf(await send('GET', '/v1/generations', planted))).toBe('session_ended');
  });

  test('follows the events of a generation', async () => {
    const { key } = await createKey(history.url);
    const session = sessionOf(await signIn(key));
    const made = await generate(history.url, { model: 'wan2.7-image', prompt: '图', size: '1K' }, session);
    const path = `/v1/generations/${made.headers.get('x-generation-id')}/events`;
    const events = await send('GET', path, {
      ...session,
      accept: 'text/event-stream',
      'sec-fetch-site': 'same-origin',
    });
    expect([events.status, await events.text()]).toEqual([200, expect.stringContaining('"state":"succeeded"')]);
    expect(await codeOf(await send('GET', path, { ...session, 'sec-fetch-site': 'cross-site' }))).toBe(
      'missing_api_key',
    );
  });

  test('ends with its key', async () => {
    const { key, id } = await createKey(history.url);
    const session = sessionOf(await signIn(key));
    expect((await send('GET', '/v1/generations', session)).status).toBe(200);
    await send('DELETE', `/v1/api-keys/${id}`, ADMIN);
    expect(await codeOf(await send('GET', '/v1/generations', session))).toBe('revoked_api_key');
    expect(await codeOf(await signIn(key))).toBe('revoked_api_key');
  });

  test('ends after 30 days, and its row is deleted', async () => {
    const session = sessionOf(await signIn(ADMIN_API_KEY));
    const age = (time: string): Promise<unknown> =>
      onDatabase(
        history.testData,
        `update session set expires_at = created_at + interval '30 days' - interval '${time}'`,
      );
    await age('29 days 23 hours 59 minutes');
    expect((await send('GET', '/v1/generations', session)).status).toBe(200);
    await age('30 days');
    // Those that are in use are read again after some seconds, as keys are.
    await using replica = await runHistory(history.testData, { ADMIN_API_KEY }, { longestIntervalMs: 100 });
    expect(await codeOf(await fetchChecked(`${replica.url}/v1/generations`, { headers: session }))).toBe(
      'session_ended',
    );
    await expect.poll(() => onDatabase(history.testData, 'select from session')).toHaveLength(0);
  });

  test('is kept as a hash, and so is its key', async () => {
    const { cookie = '' } = sessionOf(await signIn(ADMIN_API_KEY));
    const rows = JSON.stringify(await onDatabase(history.testData, 'select * from session'));
    expect(rows).not.toContain(cookie.split('=')[1]);
    expect(rows).not.toContain(ADMIN_API_KEY);
    // People choose that key: who reads the database must not be able to guess it.
    expect(rows).not.toContain(createHash('sha256').update(ADMIN_API_KEY).digest('hex'));
    expect(history.logs.join('')).not.toContain(cookie.split('=')[1]);
  });

  test('of an admin key that was replaced has ended', async () => {
    const session = sessionOf(await signIn(ADMIN_API_KEY));
    await using replaced = await runHistory(history.testData, { ADMIN_API_KEY: 'another-admin-key-0123456789' });
    const response = await fetchChecked(`${replaced.url}/v1/generations`, { headers: session });
    expect(await codeOf(response)).toBe('session_ended');
  });
});

describe('a page of another origin', () => {
  const foreign = { origin: 'https://elsewhere.example' };

  test('neither signs in nor out, and does not use a session', async () => {
    const session = sessionOf(await signIn(ADMIN_API_KEY));
    expect(await codeOf(await signIn(ADMIN_API_KEY, foreign))).toBe('foreign_page');
    expect(await codeOf(await send('DELETE', '/v1/session', { ...session, ...foreign }))).toBe('foreign_page');
    expect(await codeOf(await send('GET', '/v1/generations', { ...session, ...foreign }))).toBe('missing_api_key');
    expect((await send('GET', '/v1/generations', { ...session, origin: history.url })).status).toBe(200);
  });
});

test('a wrong key is refused as in any request, and a bad body by its field', async () => {
  expect(await codeOf(await signIn('wrong'))).toBe('invalid_api_key');
  for (const body of [{}, { api_key: '' }, { api_key: 1 }, { api_key: 'x'.repeat(1001) }]) {
    const response = await send('POST', '/v1/session', {}, body);
    expect([response.status, ((await response.json()) as ErrorBody).error.param]).toEqual([400, 'api_key']);
  }
  expect((await send('POST', '/v1/session?a=1', {}, { api_key: ADMIN_API_KEY })).status).toBe(400);
});

test('under a public URL with TLS and a path the cookie is sent there alone', async () => {
  await using testData = await openTestData();
  const port = await freePort();
  await using _behind = await runHistory(testData, {
    ADMIN_API_KEY,
    PUBLIC_URL: 'https://example.com/wan',
    PORT: String(port),
  });
  const response = await fetchChecked(`http://127.0.0.1:${port}/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: 'https://example.com', 'sec-fetch-site': 'same-origin' },
    body: JSON.stringify({ api_key: ADMIN_API_KEY }),
  });
  expect(cookieOf(response)).toMatch(/; Path=\/wan; .*; SameSite=Strict; Secure$/);
});

test('a service without keys needs no session', async () => {
  await using testData = await openTestData();
  await using open = await runHistory(testData);
  const response = await fetchChecked(`${open.url}/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ api_key: 'whatever' }),
  });
  expect([response.status, response.headers.getSetCookie()]).toEqual([204, []]);
});
