import { setTimeout as sleep } from 'node:timers/promises';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import type { ErrorBody } from '@wan-image/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADMIN, ADMIN_API_KEY } from './support/access.ts';
import { head, RawConnection } from './support/raw-connection.ts';
import { fetchChecked, fetchStreaming, generate, send } from './support/requests.ts';
import { openHistory, type TestHistory } from './support/test-history.ts';

const model = 'wan2.7-image';
const JSON_TYPE = { 'content-type': 'application/json' };
const GENERATION = { model, prompt: '花', size: '1K' };

let history: TestHistory & AsyncDisposable;
beforeAll(async () => {
  history = await openHistory({ ADMIN_API_KEY, MAX_WATCHERS: '1' });
});
afterAll(() => history[Symbol.asyncDispose]());

async function refusalOf(
  path: string,
  init: RequestInit = {},
): Promise<ErrorBody['error'] & { status: number; allow: string | null }> {
  const response = await fetchChecked(history.url + path, {
    ...init,
    headers: { ...ADMIN, ...(init.headers as Record<string, string> | undefined) },
  });
  const { error } = (await response.json()) as ErrorBody;
  return { ...error, status: response.status, allow: response.headers.get('allow') };
}

describe('a request without a route', () => {
  test.each([
    ['a form', { 'content-type': 'multipart/form-data; boundary=b' }, '--b--'],
    ['a large JSON', JSON_TYPE, `"${'x'.repeat(2_000_000)}"`],
    ['text', { 'content-type': 'text/plain' }, 'x'],
    ['broken JSON', JSON_TYPE, '{'],
  ])('is a 404, also with %s', async (_name, headers, body) => {
    expect(await refusalOf('/v1/image/generations', { method: 'POST', headers, body })).toMatchObject({
      status: 404,
      code: 'not_found',
      message: 'No such route: POST /v1/image/generations. /docs lists all routes.',
    });
  });

  test.each([
    ['GET', '/v1/images/generations', 'POST'],
    ['DELETE', '/v1/images/edits', 'POST'],
    ['PUT', '/v1/generations?limit=1', 'GET, HEAD'],
    ['PATCH', '/v1/generations/01932d5e-abcd-7000-8000-000000000000/cancel', 'POST'],
    ['OPTIONS', '/v1/models', 'GET, HEAD'],
  ])('%s %s is a 405 that names the methods', async (method, path, allow) => {
    expect(await refusalOf(path, { method })).toMatchObject({ status: 405, code: 'method_not_allowed', allow });
  });

  test('needs a key, unless the path is public', async () => {
    const statusOf = async (method: string, path: string): Promise<number> =>
      (await fetchChecked(history.url + path, { method })).status;
    expect([
      await statusOf('POST', '/v1/nothing'),
      await statusOf('PUT', '/v1/generations'),
      await statusOf('POST', '/healthz'),
    ]).toEqual([401, 401, 405]);
  });

  test.each(['/v1//images/generations', '/v1/images/generations/'])('%s is the route it means', async (path) => {
    // By hand: the document, which `fetchChecked` checks against, has each path once.
    using connection = new RawConnection(history.url);
    const body = JSON.stringify(GENERATION);
    const length = Buffer.byteLength(body);
    connection.write(head('POST', path, { ...ADMIN, ...JSON_TYPE, 'content-length': length }) + body);
    expect((await connection.response())?.status).toBe(200);
  });
});

test('a key in a path or a query is neither logged nor quoted, and a long path is shortened', async () => {
  const key = `wan_${'s3cret-'.repeat(6)}x`;
  const paths = [
    `/v1/generations/${key}`,
    `/v1/nothing/${key}`,
    `/v1/nothing/%77an_${key.slice(4)}`,
    `/v1/nothing?authorization=Bearer%20${key}`,
    `/v1/Bearer%20${key}`,
    `/v1/generations/%zz${key}`,
    `/v1/generations?key=${key}`,
  ];
  const refusals = await Promise.all(paths.map((path) => refusalOf(path)));
  expect(JSON.stringify(refusals)).not.toContain('s3cret');
  const long = await refusalOf(`/${'http://'.repeat(1900)}`);
  expect(long.message.length).toBeLessThan(300);
  await expect
    .poll(() => history.logs.filter((line) => line.includes('request completed')).length)
    .toBeGreaterThan(paths.length);
  expect(history.logs.join('')).not.toContain('s3cret');
});

test.each([
  ['swagger-ui-bundle.js', 200],
  ['swagger-ui.css', 200],
  ['swagger-ui-init.js', 200],
  ['favicon-32x32.png', 200],
  ['package.json', 404],
  ['README.md', 404],
  ['swagger-ui-bundle.js.map', 404],
  ['index.js', 404],
  ['%70ackage.json', 404],
  ['swagger-ui.css/..%2Fpackage.json', 404],
])('of the documentation, %s is a %i', async (file, status) => {
  const response = await fetchStreaming(`${history.url}/docs/${file}`, { headers: ADMIN });
  await response.body?.cancel();
  expect(response.status).toBe(status);
});

describe('a compressed body', () => {
  const text = JSON.stringify(GENERATION);
  const post = (body: Uint8Array | string, encoding: string, path = '/v1/images/generations'): Promise<Response> =>
    fetchChecked(history.url + path, {
      method: 'POST',
      headers: { ...ADMIN, ...JSON_TYPE, 'content-encoding': encoding },
      body: typeof body === 'string' ? body : new Uint8Array(body),
    });

  test.each([
    ['gzip', gzipSync(text)],
    ['GZIP', gzipSync(text)],
    ['deflate', deflateSync(text)],
    ['deflate', deflateRawSync(text)],
    ['br', brotliCompressSync(text)],
    ['zstd', zstdCompressSync(text)],
    ['identity', text],
  ])('%s is read', async (encoding, body) => {
    const response = await post(body, encoding);
    expect(response.status).toBe(200);
    await response.body?.cancel();
  });

  test('is read on every route', async () => {
    const response = await post(gzipSync('{"name":"compressed"}'), 'gzip', '/v1/projects');
    expect([response.status, await response.json()]).toEqual([201, expect.objectContaining({ name: 'compressed' })]);
  });

  test.each<[string, Uint8Array | string, string, number, RegExp]>([
    ['an unknown encoding', text, 'compress', 415, /"compress" is not supported: send one of gzip, deflate, br, zstd/],
    ['two encodings', gzipSync(text), 'gzip, br', 415, /"gzip, br"/],
    ['what is not compressed', text, 'gzip', 400, /not complete and valid gzip/],
    ['what is cut off', gzipSync(text).subarray(0, 30), 'gzip', 400, /not complete and valid gzip/],
    [
      'a prompt that expands too much',
      gzipSync(`{"prompt":"${'x'.repeat(50_000_000)}"}`),
      'gzip',
      413,
      /1 MiB|100 times/,
    ],
    [
      'an image that expands too much',
      gzipSync(`{"image":"data:image/png;base64,${'A'.repeat(50_000_000)}"}`),
      'gzip',
      413,
      /100 times/,
    ],
    ['white space that expands too much', brotliCompressSync(' '.repeat(50_000_000)), 'br', 413, /1 MiB|100 times/],
  ])('%s is refused, and nothing is sent', async (_name, body, encoding, status, message) => {
    const before = history.simulator.totals.calls;
    const response = await post(body, encoding);
    expect([response.status, ((await response.json()) as ErrorBody).error.message]).toEqual([
      status,
      expect.stringMatching(message),
    ]);
    expect(history.simulator.totals.calls).toBe(before);
  });
});

test.each([
  ['keys', Object.fromEntries(Array.from({ length: 1001 }, (_, index) => [`k${index}`, 1])), /more than 1000 keys/],
  [
    'keys within keys',
    { a: Object.fromEntries(Array.from({ length: 1001 }, (_, index) => [`k${index}`, 1])) },
    /more than 1000 keys/,
  ],
  ['values', { a: Array.from({ length: 10_001 }, () => 1) }, /more than 10000 values/],
])('a body with too many %s is refused', async (_name, fields, message) => {
  for (const path of ['/v1/images/generations', '/v1/projects']) {
    const refusal = await refusalOf(path, {
      method: 'POST',
      headers: JSON_TYPE,
      body: JSON.stringify({ ...GENERATION, ...fields }),
    });
    expect([refusal.status, refusal.message]).toEqual([413, expect.stringMatching(message)]);
  }
});

test('beyond the ceiling of watchers, event streams and long polls are refused until one ends', async () => {
  const created = await generate(
    history.url,
    { ...GENERATION, prompt: 'x [[simulate delay=60000]]' },
    { ...ADMIN, prefer: 'respond-async' },
  );
  const id = created.headers.get('x-generation-id');
  const stream = await fetchStreaming(`${history.url}/v1/generations/${id}/events`, { headers: ADMIN });
  expect(stream.status).toBe(200);
  for (const path of [`/v1/generations/${id}/events`, `/v1/generations/${id}?wait=1`])
    expect(await refusalOf(path)).toMatchObject({ status: 503, code: 'too_many_watchers' });
  expect((await fetchChecked(`${history.url}/v1/generations/${id}`, { headers: ADMIN })).status).toBe(200);
  await stream.body?.cancel();
  await expect
    .poll(async () => {
      await sleep(100);
      return (await fetchChecked(`${history.url}/v1/generations/${id}?wait=1`, { headers: ADMIN })).status;
    })
    .toBe(200);
  await send(`${history.url}/v1/generations/${id}/cancel`, { method: 'POST', body: {}, headers: ADMIN });
});
