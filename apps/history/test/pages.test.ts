import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fetchChecked, generate, get, imageAt } from './support/requests.ts';
import { openHistory, type TestHistory } from './support/test-history.ts';

const { version: VERSION } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')) as {
  readonly version: string;
};

let history: TestHistory & AsyncDisposable;
beforeAll(async () => {
  history = await openHistory();
});
afterAll(() => history[Symbol.asyncDispose]());

test('the documentation loads nothing from other hosts', async () => {
  const page = await (await fetchChecked(`${history.url}/docs`)).text();
  expect(page).toContain('swagger-ui');
  expect(page).not.toMatch(/(?:src|href)="https?:/);
});

test('the documentation has the title and the icon of the service', async () => {
  const page = await (await fetchChecked(`${history.url}/docs`)).text();
  expect(page).toContain('<title>wan-image API</title>');
  const icon = /<link [^>]*icon[^>]*href='(data:image\/svg\+xml,[^']+)'/.exec(page)?.[1];
  expect(await (await fetchChecked(history.url)).text()).toContain(`<link rel="icon" href="${icon}">`);
});

describe('the page at /', () => {
  test.each([
    [{ 'accept-language': 'zh-CN,zh;q=0.9' }, '', '最新图片', 'zh-CN'],
    [{ 'accept-language': 'en-GB' }, '', 'Newest images', 'en'],
    [{ 'accept-language': 'de-DE' }, '', 'Newest images', 'en'],
    [{ 'accept-language': 'en' }, '?lang=zh', '最新图片', 'zh-CN'],
  ])('chooses its language by %j%s', async (headers, query, text, language) => {
    const page = await (await fetchChecked(`${history.url}/${query}`, { headers })).text();
    expect(page).toContain(text);
    expect(page).toContain(`<html lang="${language}">`);
  });

  test('remembers the language that was chosen', async () => {
    const chosen = await fetchChecked(`${history.url}/?lang=zh`, { headers: { 'accept-language': 'en' } });
    const [cookie = ''] = chosen.headers.getSetCookie();
    expect(cookie).toMatch(/^wan-image-lang=zh; Path=\/; Max-Age=\d+; SameSite=Lax; HttpOnly$/);
    const headers = { cookie: `other=1; ${cookie.split(';')[0]}`, 'accept-language': 'en' };
    const later = await fetchChecked(history.url, { headers });
    expect(await later.text()).toContain('<html lang="zh-CN">');
    // A cache must not show one reader the language of another.
    expect([later.headers.get('vary'), later.headers.get('cache-control')]).toEqual([
      'accept-language, cookie',
      'private, no-cache',
    ]);
    expect(later.headers.getSetCookie()).toEqual([]);
    const back = await fetchChecked(`${history.url}/?lang=en`, { headers });
    expect(back.headers.getSetCookie()).toEqual([expect.stringMatching(/^wan-image-lang=en;/)]);
    expect((await fetchChecked(`${history.url}/?lang=fr`, { headers })).headers.getSetCookie()).toEqual([]);
  });

  test('shows the newest images, and escapes their prompts', async () => {
    const response = await generate(history.url, {
      model: 'wan2.7-image',
      prompt: '<script>alert(1)</script>',
      size: '1K',
    });
    const page = await (await fetchChecked(history.url)).text();
    const path = /<img src="([^"]+)"/.exec(page)?.[1]?.replaceAll('&amp;', '&') ?? '';
    expect(path).toContain(`/images/${response.headers.get('x-generation-id')}-0?`);
    expect(await imageAt(history.url + path)).toBe('jpeg 320x320');
    // An image that has no thumbnail is shown all the same.
    expect([...page.matchAll(/width=\d+([^\s"]*)/g)].map(([, more]) => more)).toEqual(
      Array<string>(4).fill('&amp;fallback=original'),
    );
    expect(page).not.toContain('<script');
    expect(page).toContain('&lt;script&gt;');
  });

  test('does not show an image that was deleted by itself', async () => {
    const { headers } = await generate(history.url, {
      model: 'wan2.7-image',
      prompt: '三张中的一张',
      size: '768x768',
      enable_sequential: true,
      n: 3,
    });
    const id = headers.get('x-generation-id') ?? '';
    const shown = async (): Promise<readonly string[]> => {
      const page = await (await fetchChecked(`${history.url}/`)).text();
      return [0, 1, 2].map((index) => `${id}-${index}`).filter((image) => page.includes(`/images/${image}?`));
    };
    expect(await shown()).toHaveLength(3);
    await fetchChecked(`${history.url}/v1/images/${id}-0`, { method: 'DELETE' });
    await fetchChecked(`${history.url}/v1/images/${id}-2?purge=true`, { method: 'DELETE' });
    expect(await shown()).toEqual([`${id}-1`]);
  });

  test('shows a curl command that works unchanged', async () => {
    const page = await (await fetchChecked(history.url)).text();
    const line = /<code>(curl [^<]+)<\/code>/.exec(page)?.[1] ?? '';
    const body = /--data '(.+)'$/.exec(line.replace(/&quot;/g, '"').replace(/&#39;/g, "'"))?.[1] ?? '';
    expect((await generate(history.url, body)).status).toBe(200);
    expect(line).toContain(`${history.url}/v1/images/generations`);
  });
});

test('the health checks report each dependency', async () => {
  expect((await get(history.url, '/healthz')).body).toEqual({ status: 'ok', version: VERSION, commit: null });
  expect((await get(history.url, '/readyz')).body).toEqual({
    status: 'ready',
    checks: { database: 'ok', store: 'ok', spool: 'ok' },
  });
});
