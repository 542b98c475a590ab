import { createHistoryClient } from '@wan-image/core';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openGallery, type Gallery } from '../support/gallery.ts';

const LIGHTHOUSE = '雾中的灯塔，长曝光';
const BICYCLE = 'A red bicycle against a yellow wall';
const CITY = '夜晚的城市，霓虹灯';
const EDIT = '把图1的背景换成雪景';

let gallery: Gallery & AsyncDisposable;
let bicycle: { readonly id: string; readonly url: string };
beforeAll(async () => {
  gallery = await openGallery();
  const { history } = gallery;
  const ended = async (client: typeof history, request: Parameters<typeof history.submit>[0]) =>
    history.get((await client.submit(request)).id, { wait: 60 });
  const shop = createHistoryClient({
    baseUrl: gallery.service.url,
    apiKey: 'none',
    headers: { 'x-wan-image-client': 'shop' },
  });
  const lighthouse = await ended(history, { model: 'wan2.7-image', prompt: LIGHTHOUSE, size: '1280x720' });
  const { id, images } = await ended(history, { model: 'wan2.7-image-pro', prompt: BICYCLE, size: '1K' });
  bicycle = { id, url: images[0]?.url ?? '' };
  await ended(shop, { model: 'wan2.7-image', prompt: CITY, size: '1K' });
  await ended(history, { model: 'wan2.7-image', prompt: EDIT, size: '1K', image: bicycle.url });
  await ended(history, { model: 'wan2.7-image', prompt: '违规 [[simulate status=400 code=DataInspectionFailed]]' });
  await history.update(id, { tags: ['海报'], note: 'for the summer campaign' });
  await history.updateImage(lighthouse.images[0]?.id ?? '', { favorite: true });
});
afterAll(() => gallery?.[Symbol.asyncDispose]());

const search = (page: Page): Locator => page.getByRole('searchbox', { name: /^(?:Search|搜索)$/ });

/** What is marked as a match: the upstream's own prompt has the words, too. */
async function marked(page: Page): Promise<readonly string[]> {
  return [...new Set(await page.locator('main mark').allTextContents())];
}

/** Expects the library to show the images with these prompts, whatever else is said of them. */
async function expectImages(page: Page, prompts: readonly string[]): Promise<void> {
  await expect
    .poll(async () => {
      const names = await page
        .locator('[data-cell] a img')
        .evaluateAll((images) =>
          images.map((image) => (image as HTMLImageElement).alt.replace(/, (?:favorite|已收藏)$/, '')),
        );
      return names.toSorted();
    })
    .toEqual(prompts.toSorted());
}

describe.each([
  ['en', { list: 'List', nothing: 'Nothing matches', amount: '1 image' }],
  ['zh', { list: '列表', nothing: '没有匹配的内容', amount: '1 张图片' }],
] as const)('the search (%s)', (language, words) => {
  test('finds by one character, by a part of a word, in prompts, notes and tags, and marks what matches', async () => {
    await using visit = await gallery.visit('/', { language });
    const { page } = visit;
    await search(page).fill('灯');
    await expectImages(page, [LIGHTHOUSE, CITY]);
    await search(page).fill('灯塔');
    await expectImages(page, [LIGHTHOUSE]);
    await page.getByText(words.amount, { exact: true }).waitFor();
    expect(new URL(page.url()).searchParams.get('q')).toBe('灯塔');
    await page.getByRole('button', { name: words.list }).click();
    await expect.poll(() => marked(page)).toEqual(['灯塔']);
    await search(page).fill('BICYC');
    await expect.poll(() => marked(page)).toEqual(['bicyc']);
    await search(page).fill('summer');
    await expect.poll(() => marked(page)).toEqual(['summer']);
    await search(page).fill('海报');
    await expect.poll(() => marked(page)).toEqual(['海报']);
    await search(page).fill('nothing of this kind');
    await page.getByText(words.nothing).first().waitFor();
  });
});

test('what does not fit into a search says so while it is typed', async () => {
  await using visit = await gallery.visit('/');
  await search(visit.page).fill('x'.repeat(201));
  await visit.page.getByText('At most 200 characters: search for a part of it.').waitFor();
});

const FILTERS = [
  ['Only favorites', 'Favorites', [LIGHTHOUSE], 'favorite=true'],
  ['With input images', 'With input images', [EDIT], 'has_input_image=true'],
  ['海报', '海报', [BICYCLE], 'tag='],
  ['wan2.7-image-pro', 'wan2.7-image-pro', [BICYCLE], 'model=wan2.7-image-pro'],
  ['1K', '1K', [BICYCLE, CITY, EDIT], 'size=1K'],
  ['shop', 'shop', [CITY], 'source=shop'],
  ['Succeeded', 'Succeeded', [LIGHTHOUSE, BICYCLE, CITY, EDIT], 'state=succeeded'],
] as const;

test('each filter is a chip, narrows what is shown, stands in the URL, and is removed by its chip', async () => {
  await using visit = await gallery.visit('/');
  const { page } = visit;
  await expectImages(page, [LIGHTHOUSE, BICYCLE, CITY, EDIT]);
  const chips = page.getByRole('list', { name: 'Active filters' });
  for (const [option, chip, prompts, parameter] of FILTERS) {
    await page.getByRole('button', { name: /^Filters/ }).click();
    const menu = page.getByRole('dialog', { name: 'Filters' });
    await menu
      .getByLabel(option, { exact: true })
      .or(menu.locator('label').filter({ hasText: option }).locator('input'))
      .first()
      .check();
    await menu.getByRole('button', { name: 'Close' }).click();
    await chips.getByText(chip, { exact: true }).waitFor();
    expect(decodeURIComponent(page.url())).toContain(parameter);
    await expectImages(page, prompts);
    await page.getByRole('button', { name: `Remove filter: ${chip}` }).click();
    await expectImages(page, [LIGHTHOUSE, BICYCLE, CITY, EDIT]);
  }
});

test('filters by the days of creation, and by a size that is typed', async () => {
  await using visit = await gallery.visit('/');
  const { page } = visit;
  await page.getByRole('button', { name: /^Filters/ }).click();
  const menu = page.getByRole('dialog', { name: 'Filters' });
  await menu.getByRole('button', { name: 'Today' }).click();
  await expectImages(page, [LIGHTHOUSE, BICYCLE, CITY, EDIT]);
  await menu.getByRole('button', { name: 'Last month' }).click();
  await page.getByText('Nothing matches').first().waitFor();
  await menu.getByRole('button', { name: 'Last month' }).click();
  await menu.getByLabel('Width x height').fill('as large as it gets');
  await menu.getByRole('button', { name: 'Add' }).click();
  await menu.getByText('Write the size as 1280x720.').waitFor();
  await menu.getByLabel('Width x height').fill('1280 × 720');
  await menu.getByRole('button', { name: 'Add' }).click();
  await expectImages(page, [LIGHTHOUSE]);
});

test('a failed generation, which has no image, is found in the list by its state', async () => {
  await using visit = await gallery.visit('/?state=failed');
  const { page } = visit;
  await page.getByRole('button', { name: 'List' }).click();
  await page.locator('main').getByText('违规').waitFor();
});

test('every view is a URL that can be shared and reloaded', async () => {
  await using first = await gallery.visit('/');
  await search(first.page).fill('夜晚');
  await expectImages(first.page, [CITY]);
  await first.page.getByRole('button', { name: /^Filters/ }).click();
  await first.page.getByRole('dialog', { name: 'Filters' }).getByLabel('1K', { exact: true }).check();
  await first.page.getByRole('list', { name: 'Active filters' }).waitFor();
  const { pathname, search: query } = new URL(first.page.url());
  await using second = await gallery.visit(`${pathname}${query}`, { language: 'zh' });
  const { page } = second;
  for (const _ of ['opened', 'reloaded']) {
    await expectImages(page, [CITY]);
    expect(await search(page).inputValue()).toBe('夜晚');
    await page.getByRole('list').getByText('1K', { exact: true }).waitFor();
    await page.reload();
  }
});

test('a file that is dropped leads to its record; one that is unknown becomes an input', async () => {
  await using visit = await gallery.visit('/');
  const { page } = visit;
  await expectImages(page, [LIGHTHOUSE, BICYCLE, CITY, EDIT]);
  await drop(page, new URL(bicycle.url).pathname + new URL(bicycle.url).search, 'from my desktop.png');
  await page
    .getByRole('list', { name: 'Active filters' })
    .getByText(/^File /)
    .waitFor();
  await page.locator('main').getByText(BICYCLE).waitFor();
  await page.goto(gallery.service.url);
  await expectImages(page, [LIGHTHOUSE, BICYCLE, CITY, EDIT]);
  // The same image as another file.
  const url = new URL(bicycle.url);
  url.searchParams.set('width', '640');
  await drop(page, url.pathname + url.search, 'holiday.webp');
  const dialog = page.getByRole('dialog', { name: 'Not in this history' });
  await dialog.getByText(/holiday\.webp was neither generated nor used here/).waitFor();
  await dialog.getByRole('button', { name: 'Use as input image' }).click();
  await page.getByRole('img', { name: 'holiday.webp' }).waitFor();
});

/** Drops the file that the service has at a path. */
async function drop(page: Page, path: string, name: string): Promise<void> {
  await page.evaluate(
    async ([source, fileName]) => {
      const response = await fetch(source);
      const blob = await response.blob();
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([blob], fileName, { type: blob.type }));
      const target = document.querySelector('main') ?? document.body;
      for (const type of ['dragenter', 'dragover', 'drop'])
        target.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer }));
    },
    [path, name] as const,
  );
}
