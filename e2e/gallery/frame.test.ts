import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openGallery, type Gallery } from '../support/gallery.ts';

let gallery: Gallery & AsyncDisposable;
let generation: string;
beforeAll(async () => {
  gallery = await openGallery();
  const { id } = await gallery.history.submit({ model: 'wan2.7-image', prompt: '雾中的灯塔', size: '1K', n: 2 });
  await gallery.history.get(id, { wait: 60 });
  generation = id;
});
afterAll(() => gallery?.[Symbol.asyncDispose]());

const LOW = { width: 1200, height: 420 } as const;

const scrolledBy = (page: Page): Promise<number> => page.locator('main').evaluate((main) => Math.round(main.scrollTop));

describe('what the frame does with every view', () => {
  test('one that is visited begins at its top, and one that somebody goes back to is where it was', async () => {
    await using visit = await gallery.visit('/settings', { viewport: LOW });
    const { page } = visit;
    await page.getByRole('heading', { name: 'Settings' }).waitFor();
    await page.getByRole('region', { name: 'Retention' }).waitFor();
    await page.locator('main').evaluate((main) => main.scrollTo(0, 300));
    expect(await scrolledBy(page)).toBe(300);
    await page.getByRole('link', { name: 'Statistics' }).click();
    await page.getByRole('heading', { name: 'Statistics' }).waitFor();
    await expect.poll(() => scrolledBy(page)).toBe(0);
    await page.getByRole('figure').or(page.getByRole('region')).first().waitFor();
    await page.locator('main').evaluate((main) => main.scrollTo(0, 200));
    await page.goBack();
    await page.getByRole('heading', { name: 'Settings' }).waitFor();
    await expect.poll(() => scrolledBy(page)).toBe(300);
    await page.goForward();
    await page.getByRole('heading', { name: 'Statistics' }).waitFor();
    await expect.poll(() => scrolledBy(page)).toBe(200);
  });

  test.each([
    ['en', ['Library', 'Bin', 'Image', 'Generation', 'Compare images', 'Create', 'Activity', 'Statistics', 'Settings']],
    ['zh', ['图库', '回收站', '图片', '生成记录', '对比图片', '生成', '动态', '统计', '设置']],
  ] as const)('each has a title of its own (%s)', async (language, titles) => {
    const image = `${generation}-0`;
    const paths = [
      '/',
      '/?deleted=true',
      `/view/${image}`,
      `/generations/${generation}`,
      `/compare?image=${image}&image=${generation}-1`,
      '/create',
      '/activity',
      '/statistics',
      '/settings',
    ];
    await using visit = await gallery.visit('/', { language });
    const { page } = visit;
    for (const [at, path] of paths.entries()) {
      await page.goto(new URL(path, gallery.service.url).href);
      await expect.poll(() => page.title()).toBe(`${titles[at]} – wan-image`);
    }
    // Also when nothing is loaded again.
    await page.goBack();
    await page.getByRole('link', { name: titles[0], exact: true }).click();
    await expect.poll(() => page.title()).toBe(`${titles[0]} – wan-image`);
  });
});
