import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createHistoryClient } from '@wan-image/core';
import { temporaryFolder } from '@wan-image/testing/folders';
import { startTestServer } from '@wan-image/testing/http-server';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openGallery, type Gallery } from '../support/gallery.ts';
import { startService, startSimulatorProcess, type Service } from '../support/service.ts';
import { simulatorCalls } from '../support/simulator-calls.ts';

const PROMPT = '一只猫，坐在窗台上';
const ADMIN_KEY = 'admin-key-of-the-gallery-tests';

const promptBox = (page: Page) => page.getByRole('textbox', { name: 'Prompt', exact: true });
const generate = (page: Page) => page.getByRole('button', { name: 'Generate', exact: true });
/** The newest result of a prompt. */
const resultOf = (page: Page, prompt: string) =>
  page.getByRole('region', { name: 'Results' }).getByRole('article', { name: prompt, exact: true }).first();

describe('a library', () => {
  let gallery: Gallery & AsyncDisposable;
  const ids: string[] = [];
  beforeAll(async () => {
    gallery = await openGallery();
    // Enough that the grid of a small window scrolls.
    for (const index of Array.from({ length: 16 }, (_, at) => at)) {
      const { id } = await gallery.history.submit({ model: 'wan2.7-image', prompt: `花 ${index}`, size: '768x1024' });
      await gallery.history.get(id, { wait: 60 });
      ids.push(id);
    }
  });
  afterAll(() => gallery?.[Symbol.asyncDispose]());

  const SMALL = { width: 800, height: 500 } as const;

  test('is where it was after a reload, and when one comes back', async () => {
    await using visit = await gallery.visit('/', { viewport: SMALL });
    const { page } = visit;
    await page.locator('[data-cell] img').first().waitFor();
    const oldest = page.getByRole('link', { name: '花 1', exact: true });
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('End');
    await oldest.waitFor();
    await expect.poll(() => isWhole(page, '花 1')).toBe(true);
    await page.reload();
    await expect.poll(() => isWhole(page, '花 1')).toBe(true);
    await oldest.click();
    await page.getByRole('group', { name: 'Image', exact: true }).waitFor();
    await page.reload();
    await page.getByRole('group', { name: 'Image', exact: true }).waitFor();
    await page.goBack();
    await expect.poll(() => isWhole(page, '花 1')).toBe(true);
  });

  test('says that the connection is lost, and goes on by itself when it is back', async () => {
    await using visit = await gallery.visit('/create');
    const { page, context } = visit;
    await promptBox(page).fill(PROMPT);
    const notice = page.getByText(
      'No connection to the service. What you typed is kept; the page continues by itself.',
    );
    await context.setOffline(true);
    await notice.waitFor();
    await generate(page).click();
    await page.getByText('The service cannot be reached').waitFor();
    expect(await promptBox(page).inputValue()).toBe(PROMPT);
    await context.setOffline(false);
    await notice.waitFor({ state: 'hidden' });
    await generate(page).click();
    await resultOf(page, PROMPT)
      .getByRole('link', { name: /^Open image 1/ })
      .waitFor();
    expect((await gallery.history.page({ q: PROMPT })).data).toHaveLength(1);
  });

  test('says that an image was deleted elsewhere, wherever somebody does something with it, and shows it no longer', async () => {
    await using visit = await gallery.visit('/');
    const { page } = visit;
    const id = ids.at(-1) ?? '';
    const cell = page.locator(`[data-cell="${id}-0"]`);
    await cell.waitFor();
    await gallery.history.delete(id, { purge: true });
    await cell.hover();
    await cell.getByRole('button', { name: 'Favorite' }).click();
    await page.getByText('It no longer exists').first().waitFor();
    await cell.waitFor({ state: 'detached' });
    await page.goto(`${gallery.service.url}/view/${id}-0`);
    await page.getByRole('heading', { name: 'There is no such image' }).waitFor();
    await page.goto(`${gallery.service.url}/generations/${id}`);
    await page.getByRole('heading', { name: 'There is no such generation' }).waitFor();
  });

  test('what one tab does, another one shows, and neither takes from the other what is typed', async () => {
    await using visit = await gallery.visit('/create');
    const { page, context } = visit;
    await promptBox(page).fill('typed in the first tab');
    const second = await context.newPage();
    await second.goto(`${gallery.service.url}/create`);
    expect(await promptBox(second).inputValue()).toBe('');
    await promptBox(second).fill('typed in the second tab');
    await page.reload();
    await second.reload();
    expect(await promptBox(page).inputValue()).toBe('typed in the first tab');
    expect(await promptBox(second).inputValue()).toBe('typed in the second tab');
    await second.goto(gallery.service.url);
    await second.locator('[data-cell] img').first().waitFor();
    await generate(page).click();
    await second.getByRole('link', { name: /^typed in the first tab/ }).waitFor();
  });

  test('an image that was deleted elsewhere is gone from the bin’s other tab, too', async () => {
    await using visit = await gallery.visit('/');
    const { page, context } = visit;
    const id = ids.at(-2) ?? '';
    await page.locator(`[data-cell="${id}-0"]`).waitFor();
    const second = await context.newPage();
    await second.goto(`${gallery.service.url}/view/${id}-0`);
    await second.getByRole('group', { name: 'Image', exact: true }).waitFor();
    await second.keyboard.press('Delete');
    await second.waitForURL((url) => !url.pathname.includes(id));
    await page.bringToFront();
    await page.locator(`[data-cell="${id}-0"]`).waitFor({ state: 'detached' });
  });
});

/** Whether an image is seen as a whole. */
async function isWhole(page: Page, name: string): Promise<boolean> {
  const link = page.getByRole('link', { name, exact: true });
  if ((await link.count()) === 0) return false;
  return link.evaluate((element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight;
  });
}

describe('a service that ends while a generation runs', () => {
  test.each([
    ['is killed', 'SIGKILL'],
    ['is restarted', 'SIGTERM'],
  ] as const)('the page goes on when it %s, and nothing is billed twice', async (_, signal) => {
    await using upstream = await startSimulatorProcess(['--port', '0', '--latency', '6000']);
    await using folder = await temporaryFolder();
    const port = await freePort();
    const environment = {
      DATA_DIR: folder.path,
      PORT: port,
      UPSTREAM_API_KEY: 'key-of-the-upstream',
      UPSTREAM_BASE_URL: upstream.url,
    };
    await using resources = new AsyncDisposableStack();
    let service: Service = resources.use(await startService(environment));
    await using gallery = await openGallery({ ...environment, PORT: '0', DATA_DIR: `${folder.path}-browser` });
    await using visit = await gallery.visit('/');
    const { page } = visit;
    await page.goto(`${service.url}/create`);
    await promptBox(page).fill(PROMPT);
    await generate(page).click();
    await resultOf(page, PROMPT)
      .getByText(/^Generating/)
      .waitFor();
    await expect.poll(async () => (await simulatorCalls(upstream.url)).totals.calls).toBe(1);
    await promptBox(page).fill('typed while the service is away');
    await service.kill(signal);
    service = resources.use(await startService(environment));
    // What was lost with a process is known as lost once its lease has ended; until then it runs, as far as anybody knows.
    if (signal === 'SIGTERM')
      await resultOf(page, PROMPT)
        .getByRole('link', { name: /^Open image 1/ })
        .waitFor();
    else
      await resultOf(page, PROMPT)
        .getByText(/^Generating|It may have been billed/)
        .first()
        .waitFor();
    expect(await promptBox(page).inputValue()).toBe('typed while the service is away');
    expect((await simulatorCalls(upstream.url)).totals.calls).toBe(1);
    await generate(page).click();
    const history = createHistoryClient({ baseUrl: service.url, apiKey: 'none' });
    await expect.poll(async () => (await history.page()).data.length).toBe(2);
  });
});

/** A port that a service can have again after its restart. */
async function freePort(): Promise<string> {
  await using server = await startTestServer((_request, response) => void response.end());
  return new URL(server.url).port;
}

describe('what the service refuses', () => {
  let gallery: Gallery & AsyncDisposable;
  let folder: { readonly path: string };
  const resources = new AsyncDisposableStack();
  beforeAll(async () => {
    const upstream = resources.use(await startSimulatorProcess(['--port', '0']));
    folder = resources.use(await temporaryFolder());
    gallery = resources.use(
      await openGallery({
        DATA_DIR: folder.path,
        ADMIN_API_KEY: ADMIN_KEY,
        PRICES: 'wan2.7-image=0.20,wan2.7-image-pro=0.50',
        UPSTREAM_API_KEY: 'key-of-the-upstream',
        UPSTREAM_BASE_URL: upstream.url,
      }),
    );
  });
  afterAll(() => resources.disposeAsync());

  /** Signs in with a new API key. */
  async function signIn(page: Page, fields: object): Promise<void> {
    const response = await fetch(`${gallery.service.url}/v1/api-keys`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${ADMIN_KEY}` },
      body: JSON.stringify({ name: 'a person', scopes: ['generate', 'read', 'manage'], ...fields }),
    });
    const { key } = (await response.json()) as { readonly key: string };
    await page.getByLabel('API key').fill(key);
    await page.getByRole('button', { name: 'Sign in' }).click();
  }

  async function openForm(page: Page, limits: object, prompt: string): Promise<void> {
    await signIn(page, limits);
    await promptBox(page).fill(prompt);
  }

  test('a spending limit (402): says that nothing was billed, and what to do', async () => {
    await using visit = await gallery.visit('/create');
    const { page } = visit;
    await openForm(page, { spend_limit: { amount: '0.10', period: 'total' } }, PROMPT);
    await generate(page).click();
    const alert = page.getByRole('alert').filter({ hasText: 'The spending limit is reached' });
    await alert.waitFor();
    expect(await alert.textContent()).toContain('nothing was billed. Raise the limit of the API key');
    expect(await promptBox(page).inputValue()).toBe(PROMPT);
  });

  test('a rate limit (429): says when to try again', async () => {
    await using visit = await gallery.visit('/create');
    const { page } = visit;
    const prompt = 'the first within the limit';
    await openForm(page, { rate_limit: 1 }, prompt);
    await generate(page).click();
    await resultOf(page, prompt)
      .getByRole('link', { name: /^Open image 1/ })
      .waitFor();
    await promptBox(page).fill('another prompt');
    await generate(page).click();
    const alert = page.getByRole('alert').filter({ hasText: 'Too many requests' });
    await alert.waitFor();
    expect(await alert.textContent()).toMatch(/Try again in \d+ seconds/);
    expect(await promptBox(page).inputValue()).toBe('another prompt');
  });

  test('an upstream that is too busy (429): says so at the generation, which can be tried again at no cost', async () => {
    await using visit = await gallery.visit('/create');
    const { page } = visit;
    const prompt = '花 [[simulate status=429 code=Throttling.RateQuota retry-after=60 times=1]]';
    await openForm(page, {}, prompt);
    await generate(page).click();
    await resultOf(page, prompt).getByText('The upstream was too busy.').waitFor();
    await resultOf(page, prompt).getByText('Nothing was billed.').waitFor();
    await resultOf(page, prompt).getByRole('button', { name: 'Try again' }).click();
    await resultOf(page, prompt)
      .getByRole('link', { name: /^Open image 1/ })
      .waitFor();
  });

  test('a store and a disk that take nothing more (503): says what to do, and goes on once they do', async () => {
    await using visit = await gallery.visit('/create');
    const { page } = visit;
    const prompt = 'a lighthouse of glass';
    await openForm(page, {}, prompt);
    {
      await using _full = await fill(folder.path);
      await generate(page).click();
      const alert = page.getByRole('alert').filter({ hasText: 'The service has no space left' });
      await alert.waitFor();
      expect(await alert.textContent()).toContain('Free some space on its disk, then try again.');
      expect(await promptBox(page).inputValue()).toBe(prompt);
    }
    const result = resultOf(page, prompt);
    await expect
      .poll(async () => {
        // What the service knows of its disk is a moment old, so it may refuse once more.
        if ((await result.count()) === 0 && (await generate(page).isVisible())) await generate(page).click();
        return result.getByRole('link', { name: /^Open image 1/ }).count();
      })
      .toBe(1);
  });

  test('an expired session: asks again, and goes on with what was typed', async () => {
    await using visit = await gallery.visit('/create');
    const { page, context } = visit;
    const prompt = 'typed before the session ended';
    await openForm(page, {}, prompt);
    await context.clearCookies();
    await generate(page).click();
    await page.getByText('Your session has ended').waitFor();
    await page.getByLabel('API key').fill(ADMIN_KEY);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await promptBox(page).inputValue()).toBe(prompt);
    await generate(page).click();
    await resultOf(page, prompt)
      .getByRole('link', { name: /^Open image 1/ })
      .waitFor();
  });

  test('what a key may not do, the page does not offer', async () => {
    await gallery.client.generate({ model: 'wan2.7-image', prompt: PROMPT, size: '1K' });
    await using visit = await gallery.visit('/create');
    const { page } = visit;
    await signIn(page, { scopes: ['read'] });
    await page.getByText('This key may not generate images').waitFor();
    await page.goto(gallery.service.url);
    const cell = page.locator('[data-cell]').first();
    await cell.locator('img').waitFor();
    await cell.hover();
    expect(await cell.getByRole('button', { name: 'Favorite' }).count()).toBe(0);
    await cell.getByRole('button', { name: 'Select', exact: true }).click();
    const bar = page.getByRole('toolbar', { name: 'Selection' });
    await bar.waitFor();
    expect(await bar.getByRole('button', { name: /Tags|Note|bin/ }).count()).toBe(0);
  });
});

/** The store and the disk of a service take nothing until this is disposed: their folders are none. */
async function fill(dataDir: string): Promise<AsyncDisposable> {
  const folders = ['images', 'spool'].map((name) => join(dataDir, name));
  for (const path of folders) {
    await rename(path, `${path}-away`);
    await writeFile(path, '');
  }
  return {
    async [Symbol.asyncDispose]() {
      for (const path of folders) {
        await rm(path);
        await rename(`${path}-away`, path);
      }
    },
  };
}
