import type { GenerationList, GenerationRecord } from '@wan-image/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fetchChecked, generate, get, recordOf } from './support/requests.ts';
import { openHistory, type TestHistory } from './support/test-history.ts';

let history: TestHistory & AsyncDisposable;
beforeAll(async () => {
  history = await openHistory({}, { stub: { imageBytes: 1, delayMs: 0 } });
  for (let i = 0; i < 25; i++) await generate(history.url, { model: 'wan2.7-image', prompt: `第${i}张` });
});
afterAll(() => history[Symbol.asyncDispose]());

const list = async (query = ''): Promise<GenerationList> =>
  (await get<GenerationList>(history.url, `/v1/generations${query}`)).body;

describe('the list', () => {
  test('is newest first, 20 at a time, with the images', async () => {
    const page = await list();
    expect(page).toMatchObject({ object: 'list', has_more: true });
    expect(page.data.map(({ prompt }) => prompt)).toEqual(Array.from({ length: 20 }, (_, i) => `第${24 - i}张`));
    expect(page.data.every(({ images }) => images.length === 1 && images[0]?.state === 'stored')).toBe(true);
    expect(page.next_cursor).toMatch(/^[\w-]+$/);
  });

  test('is paginated by its cursor: each record once, also while new ones arrive', async () => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: GenerationList = await list(`?limit=7${cursor === null ? '' : `&cursor=${cursor}`}`);
      seen.push(...page.data.map(({ prompt }) => prompt));
      if (cursor === null) await generate(history.url, { model: 'wan2.7-image', prompt: '后来的' });
      cursor = page.next_cursor;
    } while (cursor !== null);
    expect(seen).toEqual(Array.from({ length: 25 }, (_, i) => `第${24 - i}张`));
  });

  test.each([
    ['?limit=0', 'limit'],
    ['?limit=101', 'limit'],
    ['?limit=ten', 'limit'],
    ['?limit=1&limit=2', 'limit'],
    ['?cursor=abc', 'cursor'],
    ['?page=2', 'page'],
  ])('%s is rejected and names %s', async (query, param) => {
    const response = await get<{ error: object }>(history.url, `/v1/generations${query}`);
    expect(response.status).toBe(400);
    expect(response.body.error).toMatchObject({ type: 'invalid_request_error', param });
  });
});

describe('a single record', () => {
  test('is the same as in the list', async () => {
    const [first] = (await list('?limit=1')).data;
    expect((await get<GenerationRecord>(history.url, `/v1/generations/${first?.id}`)).body).toEqual(first);
  });

  test.each(['01932d5e-0000-7000-8000-000000000000', 'abc', '%00'])('%s does not exist', async (id) => {
    const response = await get<{ error: object }>(history.url, `/v1/generations/${id}`);
    expect(response.status).toBe(404);
    expect(response.body.error).toMatchObject({ type: 'not_found_error' });
  });
});

describe('an image', () => {
  let url: string;
  let whole: Buffer;
  let sha256: string;
  beforeAll(async () => {
    const record = await recordOf(history.url, await generate(history.url, { model: 'wan2.7-image', prompt: '图' }));
    url = record.images[0]?.url ?? '';
    sha256 = record.images[0]?.sha256 ?? '';
    whole = Buffer.from(await (await fetchChecked(url)).arrayBuffer());
  });

  test('is served with its actual type and security headers, and can be revalidated', async () => {
    const { headers, status } = await fetchChecked(url);
    expect(status).toBe(200);
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'image/png',
      'content-length': String(whole.length),
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, max-age=60, must-revalidate',
      'accept-ranges': 'bytes',
      etag: `"${sha256}"`,
    });
  });

  test('is not sent again to a client that has it', async () => {
    const response = await fetchChecked(url, { headers: { 'if-none-match': `W/"${sha256}", "x"` } });
    expect([response.status, await response.text()]).toEqual([304, '']);
  });

  test('supports range requests', async () => {
    const response = await fetchChecked(url, { headers: { range: 'bytes=10-19' } });
    expect([response.status, response.headers.get('content-range')]).toEqual([206, `bytes 10-19/${whole.length}`]);
    expect(Buffer.from(await response.arrayBuffer()).equals(whole.subarray(10, 20))).toBe(true);
    const outside = await fetchChecked(url, { headers: { range: `bytes=${whole.length}-` } });
    expect([outside.status, outside.headers.get('content-range')]).toEqual([416, `bytes */${whole.length}`]);
    const changed = await fetchChecked(url, { headers: { range: 'bytes=0-1', 'if-range': '"another"' } });
    expect([changed.status, (await changed.arrayBuffer()).byteLength]).toEqual([200, whole.length]);
  });

  test('a HEAD response has no body', async () => {
    const response = await fetchChecked(url, { method: 'HEAD' });
    expect([response.status, response.headers.get('content-length')]).toEqual([200, String(whole.length)]);
  });

  test.each(['-1', '-input-0', '-99', 'x'])('that does not exist (%s) is not found', async (end) => {
    expect((await fetchChecked(url.replace(/-0\?.*$/, end))).status).toBe(404);
  });
});
