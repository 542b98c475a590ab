import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ADMIN, ADMIN_API_KEY } from './support/access.ts';
import { fetchStreaming, generate } from './support/requests.ts';
import { openHistory, type TestHistory } from './support/test-history.ts';

const { version: VERSION } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

let history: TestHistory & AsyncDisposable;
let imageUrl: string;
let eventsPath: string;
beforeAll(async () => {
  history = await openHistory({ ADMIN_API_KEY });
  const response = await generate(history.url, { model: 'wan2.7-image', prompt: '花', size: '1K' }, ADMIN);
  imageUrl = response.body.data[0]?.url ?? '';
  eventsPath = `/v1/generations/${response.headers.get('x-generation-id')}/events`;
});
afterAll(() => history[Symbol.asyncDispose]());

const EVERYWHERE = {
  'cross-origin-opener-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-dns-prefetch-control': 'off',
  'x-download-options': 'noopen',
  'x-frame-options': 'SAMEORIGIN',
  'x-permitted-cross-domain-policies': 'none',
  'x-xss-protection': '0',
};

const BY_DEFAULT = {
  ...EVERYWHERE,
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy':
    "default-src 'self';base-uri 'self';font-src 'self' https: data:;form-action 'self';frame-ancestors 'self';img-src 'self' data:;object-src 'none';script-src 'self';script-src-attr 'none';style-src 'self' https: 'unsafe-inline'",
};

async function headersOf(url: string, status: number, init: RequestInit = {}): Promise<object> {
  const response = await fetchStreaming(url.startsWith('/') ? history.url + url : url, init);
  await response.body?.cancel();
  expect(response.status).toBe(status);
  const headers = Object.fromEntries(response.headers);
  // Over plain HTTP, with or without a proxy.
  expect(headers).not.toHaveProperty('strict-transport-security');
  expect(headers['content-security-policy']).not.toContain('upgrade-insecure-requests');
  expect(headers).toHaveProperty('x-request-id');
  expect(headers['wan-image-history']).toBe(VERSION);
  return headers;
}

test.each<[string, string, number, RequestInit]>([
  ['a response of the API', '/v1/generations', 200, { headers: ADMIN }],
  ['an error of a handler', '/v1/generations?limit=0', 400, { headers: ADMIN }],
  ['a refusal before any handler', '/v1/generations', 401, {}],
  ['a route that does not exist', '/v1/nothing', 404, { headers: ADMIN }],
  ['a malformed URL, which reaches no route', '/v1/generations/%zz', 400, { headers: ADMIN }],
  [
    'a body that is not JSON',
    '/v1/projects',
    400,
    { method: 'POST', headers: { ...ADMIN, 'content-type': 'application/json' }, body: '{' },
  ],
  ['a health check', '/healthz', 200, {}],
])('%s has the default headers', async (_name, path, status, init) => {
  expect(await headersOf(path, status, init)).toMatchObject(BY_DEFAULT);
});

test('an event stream has them, too', async () => {
  expect(await headersOf(eventsPath, 200, { headers: ADMIN })).toMatchObject({
    ...BY_DEFAULT,
    'content-type': 'text/event-stream; charset=utf-8',
  });
});

test('a streamed base64 response has them, too', async () => {
  const body = JSON.stringify({ model: 'wan2.7-image', prompt: '花', size: '1K', response_format: 'b64_json' });
  const init = { method: 'POST', body, headers: { ...ADMIN, 'content-type': 'application/json' } };
  expect(await headersOf('/v1/images/generations', 200, init)).toMatchObject(BY_DEFAULT);
});

test('an image may be embedded by every origin, and runs no script', async () => {
  const expected = {
    ...EVERYWHERE,
    'cross-origin-resource-policy': 'cross-origin',
    'content-security-policy': "default-src 'none';sandbox",
  };
  expect(await headersOf(imageUrl, 200)).toMatchObject(expected);
  expect(await headersOf(imageUrl, 200, { method: 'HEAD' })).toMatchObject(expected);
  expect(await headersOf(`${imageUrl}&width=160`, 200)).toMatchObject(expected);
  expect(await headersOf(`${imageUrl}x`, 404)).toMatchObject(expected);
});

test.each([
  ['/', 503],
  ['/view/01932d5e-abcd-7000-8000-000000000000-0', 503],
  ['/settings', 503],
  ['/assets/none.js', 404],
  ['/favicon.svg', 404],
])('of the gallery, %s allows what is its own, and nothing inline', async (path, status) => {
  expect(await headersOf(path, status)).toMatchObject({
    ...EVERYWHERE,
    'cross-origin-resource-policy': 'same-origin',
    'content-security-policy':
      "default-src 'none';script-src 'self';style-src 'self';img-src 'self' data: blob:;font-src 'self';connect-src 'self';manifest-src 'self';base-uri 'none';form-action 'none';frame-ancestors 'none'",
  });
});

test.each(['/docs', '/docs/swagger-ui-bundle.js'])(
  '%s allows what Swagger UI needs from this service',
  async (path) => {
    expect(await headersOf(path, 200)).toMatchObject({
      ...EVERYWHERE,
      'content-security-policy':
        "default-src 'none';script-src 'self';style-src 'self' 'unsafe-inline';img-src 'self' data: blob:;connect-src 'self';base-uri 'none';form-action 'none';frame-ancestors 'none'",
    });
  },
);
