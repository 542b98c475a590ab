import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openGallery, type Gallery } from '../support/gallery.ts';
import { startSimulatorProcess } from '../support/service.ts';

const WORDS = {
  en: {
    simulated: /Images are simulated, because no upstream key is set: .*nothing is billed/,
    example: 'Try an example prompt',
    generate: 'Generate',
    price: 'Simulated: nothing is billed',
    open: /^Open image 1:/,
    noPrice: 'No price set',
    prompt: 'Prompt',
  },
  zh: {
    simulated: /未设置上游密钥，图片由模拟器生成：.*不会产生费用/,
    example: '试试示例提示词',
    generate: '生成',
    price: '模拟生成，不产生费用',
    open: /^打开图1：/,
    noPrice: '未设置价格',
    prompt: '提示词',
  },
} as const;

const LANGUAGES = ['en', 'zh'] as const;

describe.each(LANGUAGES)('the first visit of an empty installation (%s)', (language) => {
  const words = WORDS[language];
  let gallery: Gallery & AsyncDisposable;
  beforeAll(async () => {
    gallery = await openGallery();
  });
  afterAll(() => gallery?.[Symbol.asyncDispose]());

  test('leads from the loaded page to a first image in two clicks, and says that it is simulated', async () => {
    await using visit = await gallery.visit('/', { language });
    const { page, faults } = visit;
    await page.getByText(words.simulated).waitFor();
    await page.getByRole('link', { name: words.example }).click();
    const send = page.getByRole('button', { name: words.generate, exact: true });
    await send.waitFor();
    expect(await page.getByRole('textbox', { name: words.prompt, exact: true }).inputValue()).not.toBe('');
    await page.getByText(words.price).waitFor();
    await send.click();
    const image = page.getByRole('link', { name: words.open }).locator('img');
    await image.waitFor();
    await expect.poll(() => image.evaluate((element: HTMLImageElement) => element.naturalWidth)).toBeGreaterThan(0);
    expect((await gallery.history.page()).data).toMatchObject([{ state: 'succeeded', upstream: { simulated: true } }]);
    await page.getByRole('navigation').getByRole('link').first().click();
    await page.locator('[data-cell] img').waitFor();
    expect(faults).toEqual([]);
  });
});

describe('a service with an upstream key but without prices', () => {
  let gallery: Gallery & AsyncDisposable;
  const resources = new AsyncDisposableStack();
  beforeAll(async () => {
    const upstream = resources.use(await startSimulatorProcess(['--port', '0']));
    gallery = resources.use(
      await openGallery({ UPSTREAM_API_KEY: 'key-of-the-upstream', UPSTREAM_BASE_URL: upstream.url }),
    );
  });
  afterAll(() => resources.disposeAsync());

  test.each(LANGUAGES)(
    'says that no price is set wherever a cost would be, never that it is 0 (%s)',
    async (language) => {
      const words = WORDS[language];
      const { id } = await gallery.history.submit({ model: 'wan2.7-image', prompt: '一朵花', size: '1K' });
      const [image] = (await gallery.history.get(id, { wait: 60 })).images;
      await using visit = await gallery.visit('/create', { language });
      const { page } = visit;
      for (const path of ['/create', `/view/${image?.id}`, `/generations/${id}`, '/statistics', '/settings']) {
        await page.goto(`${gallery.service.url}${path}`);
        await page.locator('main').getByText(words.noPrice).first().waitFor();
        expect([path, await page.locator('main').textContent()]).toEqual([
          path,
          expect.not.stringMatching(/[¥￥$€]\s?0|0(?:\.0+)? ?CNY|CNY ?0/),
        ]);
        expect(await page.getByText(/simulated|模拟/i).count()).toBe(0);
      }
    },
  );
});
