import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openGallery, type Gallery } from '../support/gallery.ts';
import { startSimulatorProcess } from '../support/service.ts';

let gallery: Gallery & AsyncDisposable;
let unknown: string;
const resources = new AsyncDisposableStack();
beforeAll(async () => {
  const upstream = resources.use(await startSimulatorProcess(['--port', '0', '--latency', '100']));
  gallery = resources.use(
    await openGallery({
      UPSTREAM_API_KEY: 'key-of-the-upstream',
      UPSTREAM_BASE_URL: upstream.url,
      UPSTREAM_CONCURRENCY: '1',
      PRICES: 'wan2.7-image=0.20,wan2.7-image-pro=0.50',
    }),
  );
  const { history } = gallery;
  const ended = async (prompt: string, n = 1) => {
    const { id } = await history.submit({ model: 'wan2.7-image', prompt, size: '1K', n });
    await history.get(id, { wait: 60 });
    return id;
  };
  await ended('花', 2);
  await ended('草');
  await ended('违规 [[simulate status=400 code=DataInspectionFailed]]');
  await ended('欠费 [[simulate status=402 code=Arrearage]]');
  unknown = await ended('断开的一张 [[simulate cut=0]]');
});
afterAll(() => resources.disposeAsync());

const figure = (page: Page, name: string): Locator => page.getByRole('region', { name, exact: true });

describe.each([
  [
    'en',
    {
      show: 'Show as a table',
      figures: ['Generations by day', 'Images by day and model', 'Cost by day, in CNY', 'Time to generate by day'],
      failures: 'Failures by cause',
      moderation: 'Content moderation refused it',
      credit: 'The account at the upstream cannot pay',
    },
  ],
  [
    'zh',
    {
      show: '显示表格',
      figures: ['每日生成次数', '每日图片数（按模型）', '每日费用（CNY）', '每日生成耗时'],
      failures: '失败原因',
      moderation: '内容未通过审核',
      credit: '上游账户余额或额度不足',
    },
  ],
] as const)('the statistics (%s)', (language, words) => {
  test('have a plot and a table for days, models, cost and latency, and failures by their causes', async () => {
    await using visit = await gallery.visit('/statistics', { language });
    const { page } = visit;
    for (const name of words.figures) {
      await figure(page, name).locator('canvas').first().waitFor();
      await figure(page, name).getByRole('button', { name: words.show }).click();
      await figure(page, name).getByRole('table').getByRole('row').nth(1).waitFor();
    }
    const main = page.locator('main');
    // Two images and one image at 0.20; what is unknown counts at the most that it may cost.
    await main
      .getByText(/0\.[68]0/)
      .first()
      .waitFor();
    await main.getByText(words.moderation).waitFor();
    await main.getByText(words.credit).first().waitFor();
  });
});

test('the time is chosen, and stands in the URL', async () => {
  await using visit = await gallery.visit('/statistics');
  const { page } = visit;
  await page.locator('label, button').filter({ hasText: '7 days' }).first().click();
  await expect.poll(() => new URL(page.url()).search).not.toBe('');
  await page.reload();
  await figure(page, 'Generations by day').waitFor();
  await page.goto(`${gallery.service.url}/statistics?from=2024-01-01&to=2024-01-31`);
  await page.getByText('Nothing was generated in this time').waitFor();
});

test('the activity shows the queue, what failed and what may have been billed, and what to do about each', async () => {
  await using visit = await gallery.visit('/activity');
  const { page } = visit;
  const running = await gallery.history.submit({
    model: 'wan2.7-image',
    prompt: '正在生成 [[simulate delay=600000]]',
    size: '1K',
  });
  const queued = await gallery.history.submit({ model: 'wan2.7-image', prompt: '排队', size: '1K' });
  await page
    .getByText(/^Generating for/)
    .first()
    .waitFor();
  await page
    .getByText(/^Waiting for/)
    .first()
    .waitFor();
  await page.getByText('Change the prompt or the input image: the same request is refused again.').waitFor();
  await page.getByText('Top up the account or raise its quota, then generate again.').waitFor();
  await page.getByText('Find out whether it was billed before you generate it again.').first().waitFor();

  await page.getByRole('button', { name: 'Cancel: 排队' }).click();
  await page.getByText('It had not been sent, so nothing is billed.').waitFor();
  expect(await gallery.history.get(queued.id)).toMatchObject({ state: 'canceled', outcome: 'not_billed' });

  await page.getByRole('button', { name: /^Settle: 断开的一张/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Was it billed?' });
  await dialog.getByRole('button', { name: 'It was not billed' }).click();
  await page.getByText('Settled', { exact: true }).first().waitFor();
  expect(await gallery.history.get(unknown)).toMatchObject({ outcome: 'not_billed' });

  await page.getByRole('button', { name: /^Cancel: 正在生成/ }).click();
  await page
    .getByRole('dialog', { name: 'Cancel this generation?' })
    .getByRole('button', { name: 'Cancel the generation' })
    .click();
  await expect.poll(async () => (await gallery.history.get(running.id)).state).toBe('canceled');

  await page.getByRole('button', { name: /^Generate again: 欠费/ }).click();
  await page.getByText('It is being generated again').waitFor();
  await page
    .getByRole('button', { name: /^Change and generate: 违规/ })
    .or(page.getByRole('link', { name: /^Change and generate: 违规/ }))
    .click();
  await page.waitForURL((url) => url.pathname === '/create');
  const settings = page.getByRole('dialog', { name: 'Use these settings?' });
  await settings.getByRole('button', { name: 'Use these settings' }).click();
  await expect.poll(() => page.getByRole('textbox', { name: 'Prompt', exact: true }).inputValue()).toContain('违规');
});
