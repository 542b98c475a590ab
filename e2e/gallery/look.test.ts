import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { GenerationRecord } from '@wan-image/core';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openGallery, PHONE, type Gallery } from '../support/gallery.ts';

const PROMPT = 'A lighthouse on a rocky coast';

let gallery: Gallery & AsyncDisposable;
let large: GenerationRecord;
let small: GenerationRecord;
let rerun: GenerationRecord;
let edited: GenerationRecord;
beforeAll(async () => {
  gallery = await openGallery();
  const { history } = gallery;
  const ended = async ({ id }: { readonly id: string }): Promise<GenerationRecord> => history.get(id, { wait: 60 });
  small = await ended(
    await history.submit({ model: 'wan2.7-image', prompt: PROMPT, size: '1K', seed: 7, watermark: true }),
  );
  rerun = await ended(await history.rerun(small.id, { seed: 8 }));
  edited = await ended(
    await history.submit({
      model: 'wan2.7-image',
      prompt: '把图1的背景换成雪景',
      size: '1K',
      image: rerun.images[0]?.url ?? '',
    }),
  );
  large = await ended(await history.submit({ model: 'wan2.7-image-pro', prompt: '云上的城市', size: '4K', seed: 3 }));
});
afterAll(() => gallery?.[Symbol.asyncDispose]());

const idOf = ({ images }: GenerationRecord): string => images[0]?.id ?? '';
const viewer = (page: Page): Locator => page.getByRole('group', { name: 'Image', exact: true });
const shown = (page: Page, prompt: string): Locator => page.locator('main').getByRole('img', { name: prompt }).first();

/** How large an image is shown, in pixels of its own for one of the screen, and where. */
function positionOf(image: Locator): Promise<{ readonly scale: number; readonly x: number; readonly y: number }> {
  return image.evaluate((element: HTMLImageElement) => {
    const { width, x, y } = element.getBoundingClientRect();
    return { scale: width / element.naturalWidth, x, y };
  });
}

describe('an image of 4096 x 4096 pixels', () => {
  test('is zoomed to its true pixels and moved by keys, wheel and pointer', async () => {
    await using visit = await gallery.visit(`/view/${idOf(large)}`);
    const { page } = visit;
    const image = shown(page, '云上的城市');
    await expect.poll(() => image.evaluate((element: HTMLImageElement) => element.naturalWidth)).toBe(4096);
    expect((await positionOf(image)).scale).toBeLessThan(0.3);
    await page.keyboard.press('1');
    await page.getByRole('button', { name: '100%: show the whole image' }).waitFor();
    const true1 = await positionOf(image);
    expect(true1.scale).toBeCloseTo(1, 3);
    await page.keyboard.press('ArrowRight');
    await expect.poll(async () => (await positionOf(image)).x).toBeLessThan(true1.x);
    const before = await positionOf(image);
    const { x = 0, y = 0 } = (await page.locator('main').boundingBox()) ?? {};
    await page.mouse.move(x + 400, y + 400);
    await page.mouse.down();
    await page.mouse.move(x + 460, y + 430, { steps: 4 });
    await page.mouse.up();
    await expect.poll(async () => Math.round((await positionOf(image)).x - before.x)).toBeGreaterThanOrEqual(60);
    await page.keyboard.press('0');
    await expect.poll(async () => (await positionOf(image)).scale).toBeLessThan(0.3);
    await page.mouse.move(x + 400, y + 400);
    const fit = (await positionOf(image)).scale;
    await page.mouse.wheel(0, -300);
    await expect.poll(async () => (await positionOf(image)).scale).toBeGreaterThan(fit);
    await page.getByRole('button', { name: 'Zoom out' }).click();
    await page.getByRole('button', { name: 'Zoom in' }).click();
  });
});

test('the keys lead to the previous and the next image of the same list, and back leads to the list', async () => {
  await using visit = await gallery.visit('/?model=wan2.7-image');
  const { page } = visit;
  await page.getByRole('link', { name: '把图1的背景换成雪景' }).click();
  await viewer(page).waitFor();
  await step(page, 'ArrowRight', rerun);
  await step(page, 'ArrowRight', small);
  await step(page, 'ArrowLeft', rerun);
  await step(page, 'ArrowLeft', edited);
  await page.getByRole('button', { name: 'Previous image' }).waitFor({ state: 'hidden' });
  await page.goBack();
  await page.waitForURL((url) => url.pathname === '/' && url.search.includes('model=wan2.7-image'));
  await page.locator('[data-cell]').first().waitFor();
});

/** Presses a key once there is an image in its direction, and waits for that. */
async function step(page: Page, key: 'ArrowLeft' | 'ArrowRight', target: GenerationRecord): Promise<void> {
  const button = page.getByRole('button', { name: key === 'ArrowLeft' ? 'Previous image' : 'Next image' });
  await expect.poll(() => button.isEnabled()).toBe(true);
  await page.keyboard.press(key);
  await page.waitForURL((url) => url.pathname.endsWith(idOf(target)));
  // Until it is shown, the buttons are those of the image before.
  await page
    .locator(`main img[src*="/images/${idOf(target)}?"]`)
    .first()
    .waitFor();
}

test('two to four images stand side by side, and what differs is marked', async () => {
  await using visit = await gallery.visit('/');
  const { page } = visit;
  for (const id of [idOf(small), idOf(rerun)]) {
    const cell = page.locator(`[data-cell="${id}"]`);
    await cell.hover();
    await cell.getByRole('button', { name: 'Select', exact: true }).click();
  }
  await page.getByRole('button', { name: 'Compare', exact: true }).click();
  const columns = page.locator('main ol > li');
  await expect.poll(() => columns.count()).toBe(2);
  const marked = columns.first().locator('[data-different]');
  await expect.poll(() => marked.locator('dt').allTextContents()).toEqual([expect.stringMatching(/^Seed.*differs/)]);
  expect(await columns.locator('[data-different] dd').allTextContents()).toEqual(expect.arrayContaining(['7', '8']));
  const images = columns.getByRole('img', { name: PROMPT });
  await expect.poll(() => images.first().evaluate((element: HTMLImageElement) => element.naturalWidth)).toBe(1024);
  // They are zoomed together.
  const before = await positionOf(images.nth(1));
  await images.first().hover();
  await page.mouse.wheel(0, -300);
  await expect.poll(async () => (await positionOf(images.nth(1))).scale).toBeGreaterThan(before.scale);
});

describe.each([
  [
    'en',
    {
      more: 'More actions',
      prompt: 'Copy prompt',
      curl: 'Copy as curl command',
      typeScript: 'Copy as TypeScript',
      n8n: 'Copy as n8n node',
      copied: 'Copied',
    },
  ],
  [
    'zh',
    {
      more: '更多操作',
      prompt: '复制提示词',
      curl: '复制为 curl 命令',
      typeScript: '复制为 TypeScript 代码',
      n8n: '复制为 n8n 节点',
      copied: '已复制',
    },
  ],
] as const)('what is copied (%s)', (language, words) => {
  test('is the prompt, or the request as curl, TypeScript and an n8n node, which do the same again', async () => {
    await using visit = await gallery.visit(`/view/${idOf(small)}`, { language });
    const { page } = visit;
    await viewerIn(page);
    const copy = async (name: string): Promise<string> => {
      await page.evaluate(() => navigator.clipboard.writeText('nothing'));
      await page.getByRole('button', { name: words.more }).click();
      await page.getByRole('menuitem', { name, exact: true }).click();
      await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).not.toBe('nothing');
      return page.evaluate(() => navigator.clipboard.readText());
    };
    expect(await copy(words.prompt)).toBe(PROMPT);
    await page.getByText(words.copied, { exact: true }).first().waitFor();
    const { stdout } = await promisify(execFile)('sh', ['-c', await copy(words.curl)]);
    const { created, data } = JSON.parse(stdout) as { readonly created?: number; readonly data?: readonly unknown[] };
    expect([typeof created, data?.length]).toEqual(['number', 1]);
    const { data: records } = await gallery.history.page({ limit: 1 });
    expect(records[0]?.request).toMatchObject({ seed: 7, size: '1K', watermark: true });
    const code = await copy(words.typeScript);
    expect(code).toContain("from '@wan-image/core'");
    expect(code).toContain(PROMPT);
    expect(JSON.parse(await copy(words.n8n))).toMatchObject({ nodes: [{ parameters: { prompt: PROMPT } }] });
    await gallery.history.delete(records[0]?.id ?? '', { purge: true });
  });
});

async function viewerIn(page: Page): Promise<void> {
  await page.locator('main').getByRole('img', { name: PROMPT }).first().waitFor();
}

test('all facts of the record are beside the image', async () => {
  await using visit = await gallery.visit(`/view/${idOf(edited)}`);
  const { page } = visit;
  const facts = page.getByRole('complementary', { name: 'Details' });
  await facts.waitFor();
  const record = await gallery.history.get(edited.id);
  const [image] = record.images;
  for (const text of [
    record.prompt,
    image?.revised_prompt ?? '',
    'wan2.7-image',
    '1K',
    record.id,
    image?.id ?? '',
    record.upstream.request_id ?? '',
    `${image?.width} × ${image?.height} pixels`,
    image?.mime_type ?? '',
    'Simulated, nothing billed',
  ])
    await facts.getByText(text, { exact: false }).first().waitFor();
  await facts
    .getByRole('link', { name: /input image 1/i })
    .or(facts.getByRole('img', { name: /Image 1/ }))
    .first()
    .waitFor();
});

test('the download is the file itself, named after its prompt', async () => {
  await using visit = await gallery.visit(`/view/${idOf(small)}`);
  const { page } = visit;
  await viewerIn(page);
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download' }).click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/a-lighthouse-on-a-rocky-coast.*\.png$/);
  await file.cancel();
});

test('its lineage is a map one walks by keys', async () => {
  await using visit = await gallery.visit(`/view/${idOf(edited)}`);
  const { page } = visit;
  await viewer(page).waitFor();
  await page.keyboard.press('l');
  await page.waitForURL((url) => url.pathname === `/generations/${edited.id}` && url.hash === '#lineage');
  const node = (id: string): Locator => page.locator(`[data-node="${id}"]`);
  await expect.poll(() => node(edited.id).evaluate((element) => element === document.activeElement)).toBe(true);
  await page.keyboard.press('ArrowLeft');
  await expect.poll(() => node(rerun.id).evaluate((element) => element === document.activeElement)).toBe(true);
  await page.keyboard.press('ArrowLeft');
  await expect.poll(() => node(small.id).evaluate((element) => element === document.activeElement)).toBe(true);
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.pathname === `/generations/${small.id}`);
  await node(edited.id).waitFor();
});

test('on a phone, a swipe leads to the next image', async () => {
  await using visit = await gallery.visit(`/view/${idOf(edited)}?model=wan2.7-image`, { viewport: PHONE });
  const { page } = visit;
  await shown(page, '把图1的背景换成雪景').waitFor();
  await expect.poll(() => page.getByRole('button', { name: 'Next image' }).isEnabled()).toBe(true);
  const session = await page.context().newCDPSession(page);
  const at = (x: number) => ({ touchPoints: [{ x, y: 400 }] });
  await session.send('Input.dispatchTouchEvent', { type: 'touchStart', ...at(330) });
  for (const x of [300, 240, 180, 120, 80])
    await session.send('Input.dispatchTouchEvent', { type: 'touchMove', ...at(x) });
  await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await page.waitForURL((url) => url.pathname.endsWith(idOf(rerun)));
});
