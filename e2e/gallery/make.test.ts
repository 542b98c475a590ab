import { encodeImage } from '@wan-image/testing/images';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openGallery, type Gallery } from '../support/gallery.ts';
import { startSimulatorProcess } from '../support/service.ts';

let gallery: Gallery & AsyncDisposable;
const resources = new AsyncDisposableStack();
beforeAll(async () => {
  const upstream = resources.use(await startSimulatorProcess(['--port', '0', '--latency', '300']));
  gallery = resources.use(
    await openGallery({
      UPSTREAM_API_KEY: 'key-of-the-upstream',
      UPSTREAM_BASE_URL: upstream.url,
      PRICES: 'wan2.7-image=0.20,wan2.7-image-pro=0.50',
    }),
  );
});
afterAll(() => resources.disposeAsync());

const promptBox = (page: Page): Locator => page.getByRole('textbox', { name: 'Prompt', exact: true });
const generate = (page: Page): Locator => page.getByRole('button', { name: 'Generate', exact: true });
const results = (page: Page): Locator => page.getByRole('region', { name: 'Results' });
const result = (page: Page, prompt: string): Locator =>
  results(page).getByRole('article', { name: prompt, exact: true }).first();
const openLinks = (card: Locator): Locator => card.getByRole('link', { name: /^Open image/ });
const radio = (page: Page, group: string, name: string): Locator =>
  page.getByRole('radiogroup', { name: group, exact: true }).locator('label').filter({ hasText: name });
const seedField = (page: Page): Locator => page.getByRole('textbox', { name: 'Seed', exact: true });
const inputNames = (page: Page): Promise<readonly string[]> =>
  page.locator('[data-input] img').evaluateAll((images) => images.map((image) => (image as HTMLImageElement).alt));

async function newest() {
  const [record] = (await gallery.history.page({ limit: 1 })).data;
  if (record === undefined) throw new Error('Nothing was generated.');
  return record;
}

describe.each([
  [
    'en',
    {
      prompt: 'Prompt',
      generate: 'Generate',
      long: 'At most 5,000 characters: shorten it by 1.',
      empty: 'Describe the image you want.',
      nothing: 'Nothing was sent: see the marked fields.',
      count: '5,001 / 5,000',
    },
  ],
  [
    'zh',
    {
      prompt: '提示词',
      generate: '生成',
      long: '最多 5,000 个字符，请删减 1 个。',
      empty: '请描述想要的图片。',
      nothing: '尚未提交：请检查标出的内容。',
      count: '5,001 / 5,000',
    },
  ],
] as const)('what is wrong (%s)', (language, words) => {
  test('is said at the field before anything is sent', async () => {
    await using visit = await gallery.visit('/create', { language });
    const { page } = visit;
    const sent: string[] = [];
    page.on('request', (request) => {
      if (request.method() === 'POST') sent.push(request.url());
    });
    const prompt = page.getByRole('textbox', { name: words.prompt, exact: true });
    await page.getByRole('button', { name: words.generate, exact: true }).click();
    await page.getByText(words.empty).waitFor();
    await page.getByText(words.nothing).waitFor();
    await prompt.fill(`🦊${'x'.repeat(5000)}`);
    await page.getByText(words.count, { exact: true }).waitFor();
    await page.getByText(words.long).waitFor();
    await page.getByRole('button', { name: words.generate, exact: true }).click();
    await expect.poll(() => prompt.evaluate((element) => element === document.activeElement)).toBe(true);
    expect(sent).toEqual([]);
  });
});

test('the sizes are those that the contract allows in the mode, by shape and pixels', async () => {
  await using visit = await gallery.visit('/create');
  const { page } = visit;
  await radio(page, 'Model', 'Wan 2.7 Image Pro').click();
  await radio(page, 'Resolution', '4K').click();
  await page.getByText('4096 × 4096 px').waitFor();
  await radio(page, 'Shape', '16:9').click();
  await page.getByText(/^\d{4} × \d{4} px$/).waitFor();
  await page.locator('label').filter({ hasText: 'A set of related images' }).click();
  await page.getByText('4K is not possible in a set.').waitFor();
  expect(await radio(page, 'Resolution', '4K').count()).toBe(0);
  await page.locator('label').filter({ hasText: 'A set of related images' }).click();
  await radio(page, 'Model', 'faster').click();
  await page.getByText('4K needs the Pro model.').waitFor();
  await radio(page, 'Resolution', 'Custom').click();
  await page.getByLabel('Width', { exact: true }).fill('300');
  await page.getByText('At least 768 × 768 pixels in total: make it larger.').waitFor();
});

test('every setting is sent, with the price before and the seed that makes the image again', async () => {
  await using visit = await gallery.visit('/create');
  const { page } = visit;
  await promptBox(page).fill('every setting');
  await radio(page, 'Model', 'faster').click();
  await page.getByText('CN¥0.20', { exact: true }).waitFor();
  await radio(page, 'Model', 'Wan 2.7 Image Pro').click();
  await radio(page, 'Images', '2').click();
  await page.getByText('CN¥1.00', { exact: true }).waitFor();
  await radio(page, 'Resolution', '1K').click();
  await page.getByRole('checkbox', { name: 'Think first' }).check();
  await page.getByRole('checkbox', { name: 'Watermark' }).check();
  await seedField(page).fill('42');
  await page.keyboard.press('Control+Enter');
  await expect.poll(() => openLinks(result(page, 'every setting')).count()).toBe(2);
  expect((await newest()).request).toMatchObject({
    model: 'wan2.7-image-pro',
    size: '1K',
    n: 2,
    seed: 42,
    thinking_mode: true,
    watermark: true,
  });
  // A typed seed is locked: the next one is the same.
  await generate(page).click();
  await expect.poll(() => results(page).getByRole('article').count()).toBe(2);
  await expect.poll(async () => (await newest()).request['seed']).toBe(42);
  await page.getByRole('button', { name: 'Use this seed for every image' }).click();
  await generate(page).click();
  await expect.poll(() => results(page).getByRole('article').count()).toBe(3);
  const { seed } = (await newest()).request;
  expect(seed).not.toBe(42);
  expect(await seedField(page).inputValue()).toBe(String(seed));
  await page.getByRole('button', { name: 'Choose another seed' }).click();
  await expect.poll(() => seedField(page).inputValue()).not.toBe(String(seed));
});

describe('input images', () => {
  const file = async (name: string) => ({
    name,
    mimeType: 'image/png',
    buffer: await encodeImage({ format: 'png', width: 300, height: 300 }),
  });

  test('come by file, drop, paste, URL and from the library, in an order that buttons and dragging change', async () => {
    await gallery.client.generate({ model: 'wan2.7-image', prompt: 'of the library', size: '1K' });
    await using visit = await gallery.visit('/create');
    const { page } = visit;
    await page.locator('input[type=file]').setInputFiles([await file('one.png'), await file('two.png')]);
    await expect.poll(() => inputNames(page)).toEqual(['one.png', 'two.png']);
    const bytes = (await file('x')).buffer.toString('base64');
    for (const [type, name] of [
      ['drop', 'three.png'],
      ['paste', 'four.png'],
    ] as const)
      await page.evaluate(transfer, [type, name, bytes] as const);
    await expect.poll(() => inputNames(page)).toEqual(['one.png', 'two.png', 'three.png', 'four.png']);

    await page.getByRole('button', { name: 'Choose from the library' }).click();
    const dialog = page.getByRole('dialog', { name: 'Choose from the library' });
    await dialog.getByRole('searchbox').fill('of the library');
    await dialog.getByRole('button', { name: 'of the library' }).click();
    await dialog.getByRole('button', { name: 'Add 1 image' }).click();
    await page.getByRole('button', { name: 'Remove image 5' }).waitFor();
    await page.getByRole('button', { name: 'Add a URL' }).click();
    const urlDialog = page.getByRole('dialog', { name: 'Add a URL' });
    await urlDialog.getByLabel('URL of an image').fill('not a URL');
    await urlDialog.getByRole('button', { name: 'Add', exact: true }).click();
    await urlDialog.getByText('This is no http or https URL.').waitFor();
    await urlDialog.getByLabel('URL of an image').fill('https://example.com/cat.png');
    await urlDialog.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByText('6 / 9', { exact: true }).waitFor();
    expect(await page.locator('[data-input]').allInnerTexts()).toEqual(
      expect.arrayContaining([expect.stringContaining('Image 1'), expect.stringContaining('Image 6')]),
    );

    await page.getByRole('button', { name: 'Move image 2 forward' }).click();
    await expect.poll(async () => (await inputNames(page)).slice(0, 2)).toEqual(['two.png', 'one.png']);
    const [from, to] = [page.locator('[data-input] img').nth(0), page.locator('[data-input] img').nth(2)];
    await from.hover();
    await page.mouse.down();
    const { x = 0, y = 0, width = 0, height = 0 } = (await to.boundingBox()) ?? {};
    await page.mouse.move(x + width / 2, y + height / 2, { steps: 5 });
    await page.mouse.up();
    await expect.poll(async () => (await inputNames(page)).slice(0, 3)).toEqual(['one.png', 'three.png', 'two.png']);

    // They survive a reload, and are sent in this order.
    await page.getByRole('button', { name: 'Remove image 6' }).click();
    await page.reload();
    await expect
      .poll(async () => (await inputNames(page)).slice(0, 4))
      .toEqual(['one.png', 'three.png', 'two.png', 'four.png']);
    await promptBox(page).fill('把图1和图2合在一起');
    await generate(page).click();
    await openLinks(result(page, '把图1和图2合在一起')).first().waitFor();
    expect((await newest()).input_images).toHaveLength(5);
  });

  test('a file that is not allowed says why at the image, and is converted where that helps', async () => {
    await using visit = await gallery.visit('/create', { language: 'zh' });
    const { page } = visit;
    const buffer = await encodeImage({ format: 'png', width: 300, height: 300, alpha: true });
    await page.locator('input[type=file]').setInputFiles([{ name: 'alpha.png', mimeType: 'image/png', buffer }]);
    const tile = page.locator('[data-input]').first();
    await tile.getByText(/透明/).waitFor();
    await tile.getByText('图1', { exact: true }).waitFor();
    await tile.getByRole('button', { name: /JPEG/ }).click();
    await tile.getByText(/透明/).waitFor({ state: 'detached' });
  });
});

/** Drops or pastes a file. Runs in the page. */
async function transfer([type, name, base64]: readonly ['drop' | 'paste', string, string]): Promise<void> {
  const bytes = Uint8Array.from(atob(base64), (character) => character.codePointAt(0) ?? 0);
  const data = new DataTransfer();
  data.items.add(new File([bytes], name, { type: 'image/png' }));
  const target = document.querySelector('main') ?? document.body;
  const options = { bubbles: true, cancelable: true };
  if (type === 'paste') target.dispatchEvent(new ClipboardEvent('paste', { ...options, clipboardData: data }));
  else
    for (const step of ['dragenter', 'dragover', 'drop'])
      target.querySelector('form')?.dispatchEvent(new DragEvent(step, { ...options, dataTransfer: data }));
}

describe('progress', () => {
  test('says how long it has taken, goes on when the tab is closed, and shows the images as they come', async () => {
    await using visit = await gallery.visit('/create');
    const { page, context } = visit;
    const prompt = '慢慢来 [[simulate delay=8000 times=1]]';
    await promptBox(page).fill(prompt);
    await radio(page, 'Images', '2').click();
    await generate(page).click();
    const card = result(page, prompt);
    await card.getByRole('progressbar').waitFor();
    await card.getByText(/^\d+ s$/).waitFor();
    await page.close();
    const later = await context.newPage();
    await later.goto(`${gallery.service.url}/create`);
    await result(later, prompt)
      .getByText(/^Generating/)
      .waitFor();
    await expect.poll(() => openLinks(result(later, prompt)).count()).toBe(2);
    expect((await gallery.history.page({ q: '慢慢来' })).data).toHaveLength(1);
  });

  test('a generation is canceled after a question, which says that it may be billed', async () => {
    await using visit = await gallery.visit('/create');
    const { page } = visit;
    const prompt = '太久了 [[simulate delay=600000]]';
    await promptBox(page).fill(prompt);
    await generate(page).click();
    const card = result(page, prompt);
    await card.getByText(/^Generating/).waitFor();
    await card.getByRole('button', { name: 'Cancel', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Cancel this generation?' });
    await dialog.getByText('It was already sent to the upstream, which may bill it all the same.').waitFor();
    await dialog.getByRole('button', { name: 'Cancel the generation' }).click();
    await card.getByText('It was canceled while it ran. It may have been billed').waitFor();
  });
});

describe('from an image', () => {
  let imageId: string;
  let generationId: string;
  beforeAll(async () => {
    const { id } = await gallery.history.submit({ model: 'wan2.7-image', prompt: '一只狐狸', size: '1K', seed: 5 });
    generationId = id;
    imageId = (await gallery.history.get(id, { wait: 60 })).images[0]?.id ?? '';
  });
  const open = async (page: Page): Promise<void> => {
    await page.goto(`${gallery.service.url}/view/${imageId}`);
    await page.getByRole('group', { name: 'Image', exact: true }).waitFor();
  };

  test('r generates it again with another seed, says what it costs, and shows it when it is ready', async () => {
    await using visit = await gallery.visit('/');
    const { page } = visit;
    await open(page);
    await page.keyboard.press('r');
    await page.getByText(/^Seed \d+\. Price: CN¥0\.20\.$/).waitFor();
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await page.waitForURL((url) => url.pathname.startsWith('/view/') && !url.pathname.endsWith(imageId));
    const record = await newest();
    expect(record.derived_from).toMatchObject([{ kind: 'rerun', generation_id: generationId }]);
    expect(record.request['seed']).not.toBe(5);
  });

  test('v varies the seed in the form, e edits the image, each by one key', async () => {
    await using visit = await gallery.visit('/');
    const { page } = visit;
    await open(page);
    await page.keyboard.press('v');
    await expect.poll(() => promptBox(page).inputValue()).toBe('一只狐狸');
    expect(await seedField(page).inputValue()).not.toBe('5');
    await page.getByRole('button', { name: 'Clear', exact: true }).click();
    await open(page);
    await page.keyboard.press('e');
    await page.getByRole('button', { name: 'Remove image 1' }).waitFor();
    expect(new URL(page.url()).search).toBe('');
  });

  test('u shows the settings before they replace what is typed, and undo brings that back', async () => {
    await using visit = await gallery.visit('/create');
    const { page } = visit;
    await promptBox(page).fill('typed before');
    await open(page);
    await page.keyboard.press('u');
    const dialog = page.getByRole('dialog', { name: 'Use these settings?' });
    await dialog.getByText('typed before').waitFor();
    await dialog.getByText('一只狐狸').waitFor();
    expect(await page.locator('textarea').inputValue()).toBe('typed before');
    await dialog.getByRole('button', { name: 'Use these settings' }).click();
    await expect.poll(() => promptBox(page).inputValue()).toBe('一只狐狸');
    expect(await seedField(page).inputValue()).toBe('5');
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => promptBox(page).inputValue()).toBe('typed before');
  });
});
