import { mkdir, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { ErrorBody } from '@wan-image/core';
import { temporaryFolder } from '@wan-image/testing/folders';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADMIN_API_KEY } from './support/access.ts';
import { fetchChecked, fetchStreaming } from './support/requests.ts';
import { openTestData, runHistory, type RunningHistory } from './support/test-history.ts';

const PAGE = `<!doctype html><script type="module" src="/assets/index-4f2a.js"></script>${' '.repeat(500)}`;
const SCRIPT = `console.log('花');${' '.repeat(500)}`;
const ID = '01932d5e-abcd-7000-8000-000000000000';

const resources = new AsyncDisposableStack();
/** With a gallery and with a key: what a page loads needs none. */
let history: RunningHistory;
let folder: string;
beforeAll(async () => {
  folder = resources.use(await temporaryFolder()).path;
  await mkdir(join(folder, 'assets'));
  const files: Record<string, string | Buffer> = {
    'index.html': PAGE,
    'index.html.br': brotliCompressSync(PAGE),
    'favicon.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
    'assets/index-4f2a.js': SCRIPT,
    'assets/index-4f2a.js.gz': gzipSync(SCRIPT),
    'assets/index-4f2a.js.br': brotliCompressSync(SCRIPT),
    'assets/index-9d01.css': 'body{}',
    'assets/font-77aa.woff2': 'font',
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  const testData = resources.use(await openTestData());
  history = resources.use(await runHistory(testData, { ADMIN_API_KEY }, { galleryFolder: folder }));
});
afterAll(() => resources.disposeAsync());

const get = (path: string, init?: RequestInit): Promise<Response> => fetchChecked(history.url + path, init);

describe('the page', () => {
  test.each([
    '/',
    '/create',
    `/view/${ID}-0`,
    '/compare?a=1',
    `/generations/${ID}`,
    '/activity',
    '/statistics',
    '/settings',
    '/settings/',
  ])('is at %s', async (path) => {
    const response = await get(path);
    expect([response.status, await response.text()]).toEqual([200, PAGE]);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      vary: 'accept-encoding',
      'cross-origin-opener-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
    });
  });

  test.each(['/index.html', '/creat', '/view', `/view/${ID}-0/more`, '/generations', '/v1/settings'])(
    'is not at %s',
    async (path) => {
      const response = await get(path, { headers: { authorization: `Bearer ${ADMIN_API_KEY}` } });
      const { error } = (await response.json()) as ErrorBody;
      expect([response.status, error.code]).toEqual([404, 'not_found']);
    },
  );

  test('is not sent to a browser that has it', async () => {
    const { headers } = await get('/');
    const etag = headers.get('etag') ?? '';
    const again = await get('/', { headers: { 'if-none-match': etag } });
    expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag]);
    expect((await get('/', { headers: { 'if-none-match': '"other"' } })).status).toBe(200);
  });

  test('has a head of the same length', async () => {
    const response = await get('/create', { method: 'HEAD', headers: { 'accept-encoding': 'identity' } });
    expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([
      200,
      String(PAGE.length),
      '',
    ]);
  });

  test('is not written to', async () => {
    const response = await get('/', { method: 'POST' });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });
});

describe('an asset', () => {
  test.each([
    ['assets/index-4f2a.js', 'text/javascript; charset=utf-8'],
    ['assets/index-9d01.css', 'text/css; charset=utf-8'],
    ['assets/font-77aa.woff2', 'font/woff2'],
  ])('%s is cached forever', async (name, type) => {
    const { status, headers } = await get(`/${name}`);
    expect([status, headers.get('content-type'), headers.get('cache-control')]).toEqual([
      200,
      type,
      'public, max-age=31536000, immutable',
    ]);
    expect((await get(`/${name}`, { headers: { 'if-none-match': headers.get('etag') ?? '' } })).status).toBe(304);
  });

  test('is a favicon, too, whose name has no hash', async () => {
    const { headers } = await get('/favicon.svg');
    expect([headers.get('content-type'), headers.get('cache-control')]).toEqual(['image/svg+xml', 'no-cache']);
  });

  test.each([
    ['br, gzip', 'br'],
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip', 'gzip'],
    ['br;q=0, gzip', 'gzip'],
    ['*', 'br'],
    ['identity', null],
    ['zstd', null],
  ])('for %s is sent as it was compressed by the build: %s', async (accepted, encoding) => {
    const path = '/assets/index-4f2a.js';
    const response = await get(path, { headers: { 'accept-encoding': accepted } });
    expect([response.headers.get('content-encoding'), await response.text()]).toEqual([encoding, SCRIPT]);
    const plain = await get(path, { headers: { 'accept-encoding': 'identity' } });
    expect(plain.headers.get('etag') === response.headers.get('etag')).toBe(encoding === null);
  });

  test.each([
    'none-0000.js',
    'index-4f2a.js.br',
    '../index.html',
    '%2e%2e/index.html',
    '..%2f..%2fpackage.json',
    '..%5cindex.html',
    'index-4f2a.js%00',
    '__proto__',
  ])('named %j does not exist', async (name) => {
    // By hand: `fetch` resolves the dots itself.
    const status = await new Promise((resolve, reject) => {
      request(`${history.url}/`, { path: `/assets/${name}` }, (response) => {
        response.resume();
        resolve([response.statusCode, response.headers['cache-control']]);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toEqual([404, undefined]);
  });

  test('is that of the version that started, also while another is built', async () => {
    const etag = (await get('/')).headers.get('etag');
    await writeFile(join(folder, 'index.html'), 'another');
    await writeFile(join(folder, 'index.html.br'), brotliCompressSync('another'));
    expect((await get('/')).headers.get('etag')).toBe(etag);
  });
});

test('a service whose gallery is not built says so, in both languages, and how to build it', async () => {
  await using testData = await openTestData();
  await using without = await runHistory(testData);
  const response = await fetchStreaming(`${without.url}/create`);
  const page = await response.text();
  expect([response.status, response.headers.get('cache-control')]).toEqual([503, 'no-store']);
  expect(page).toContain('The gallery is not built');
  expect(page).toContain('图库尚未构建');
  expect(page).toContain('npx -y pnpm build');
  // Its policy allows nothing inline.
  expect(page).not.toMatch(/<(script|style)|style=/);
});
