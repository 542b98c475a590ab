import { startTestServer } from '@wan-image/testing/http-server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openGallery, type Gallery } from '../support/gallery.ts';

/** Texts that run a script, or break out of where they stand, wherever a page takes them for markup, a style, a URL or a script. */
const HOSTILE = [
  '<script>window.injected = 1</script>',
  '<img src=x onerror="window.injected = 1">',
  '<svg/onload=window.injected=1>',
  '"><iframe srcdoc="<script>parent.injected=1</script>">',
  "'-window.injected=1-'",
  '${window.injected=1}',
  '{{constructor.constructor("window.injected=1")()}}',
  'javascript:window.injected=1',
  '</textarea><script>window.injected=1</script>',
  '<style>*{display:none}</style>',
  '<a href="javascript:window.injected=1" style="position:fixed;inset:0">x</a>',
  '<b>{count, plural, one {#}}</b>',
  '\u202E<base href="https://evil.example/">',
];

const ROUTES = ['/', '/create', '/activity', '/statistics', '/settings', '/compare'];

let gallery: Gallery & AsyncDisposable;
beforeAll(async () => {
  gallery = await openGallery();
});
afterAll(() => gallery?.[Symbol.asyncDispose]());

describe('hostile texts', () => {
  const ids: string[] = [];
  const imageIds: string[] = [];
  beforeAll(async () => {
    for (const text of HOSTILE) {
      const { id } = await gallery.history.submit({ model: 'wan2.7-image', prompt: text, size: '1K' });
      const record = await gallery.history.get(id, { wait: 60 });
      await gallery.history.update(id, { tags: [text.slice(0, 64)], note: text });
      ids.push(id);
      imageIds.push(record.images[0]?.id ?? '');
    }
  });

  test.each(['en', 'zh'] as const)('stand on no page as anything but text (%s)', async (language) => {
    await using visit = await gallery.visit('/', { language });
    const { page, faults } = visit;
    const paths = [
      ...ROUTES,
      `/compare?${imageIds
        .slice(0, 4)
        .map((id) => `image=${id}`)
        .join('&')}`,
      ...imageIds.map((id) => `/view/${id}`),
      ...ids.map((id) => `/generations/${id}`),
      ...HOSTILE.slice(0, 4).map((text) => `/?q=${encodeURIComponent(text)}`),
      ...HOSTILE.slice(0, 2).map((text) => `/?tag=${encodeURIComponent(text)}`),
      `/create?from=${ids[0]}`,
    ];
    for (const path of paths) {
      await page.goto(`${gallery.service.url}${path}`, { waitUntil: 'networkidle' });
      expect([path, await page.evaluate(() => (window as { injected?: unknown }).injected)]).toEqual([path, undefined]);
    }
    expect(faults).toEqual([]);
  });

  test('are shown as they are', async () => {
    await using visit = await gallery.visit(`/view/${imageIds[1]}`);
    await visit.page
      .getByText(HOSTILE[1] ?? '')
      .first()
      .waitFor();
  });
});

describe('the policy of the page', () => {
  test('allows nothing inline, and no view needs more', async () => {
    await using visit = await gallery.visit('/');
    const { page, faults } = visit;
    const policy = (await page.goto(gallery.service.url))?.headers()['content-security-policy'] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    for (const route of ROUTES) await page.goto(`${gallery.service.url}${route}`, { waitUntil: 'networkidle' });
    expect(faults).toEqual([]);
  });

  test('the page asks no other host for anything', async () => {
    await using visit = await gallery.visit('/');
    const { page } = visit;
    const hosts = new Set<string>();
    page.on('request', (request) => {
      if (!/^(?:data|blob):/.test(request.url())) hosts.add(new URL(request.url()).origin);
    });
    for (const route of ROUTES) await page.goto(`${gallery.service.url}${route}`, { waitUntil: 'networkidle' });
    expect([...hosts]).toEqual([gallery.service.url]);
  });

  test('no other page frames it', async () => {
    await using evil = await startTestServer((_request, response) => {
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end(`<!doctype html><iframe src="${gallery.service.url}">`);
    });
    await using visit = await gallery.visit('/');
    await visit.page.goto(evil.url, { waitUntil: 'networkidle' });
    const [, frame] = visit.page.frames();
    expect(
      await frame
        ?.locator('main')
        .count()
        .catch(() => 0),
    ).toBe(0);
  });
});
