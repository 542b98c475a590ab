import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openGallery, type Gallery, type Visit } from '../support/gallery.ts';

const ADMIN_KEY = 'admin-key-of-the-gallery-tests';

let gallery: Gallery & AsyncDisposable;
beforeAll(async () => {
  gallery = await openGallery({ ADMIN_API_KEY: ADMIN_KEY });
  await gallery.client.generate({ model: 'wan2.7-image', prompt: '雾中的灯塔', size: '1K' });
});
afterAll(() => gallery?.[Symbol.asyncDispose]());

async function signIn({ page }: Visit, key: string): Promise<void> {
  await page.getByLabel('API key').fill(key);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

describe('a service that requires a key', () => {
  test('asks for it once, says that a wrong one is wrong, and shows the library to the right one', async () => {
    await using visit = await gallery.visit('/');
    const { page, context } = visit;
    const dialog = page.getByRole('dialog', { name: 'Sign in' });
    await dialog.waitFor();
    expect(await page.locator('img').count()).toBe(0);
    await signIn(visit, 'wrong');
    expect(await dialog.getByRole('alert').textContent()).toContain('The API key is not accepted');
    await signIn(visit, ADMIN_KEY);
    await dialog.waitFor({ state: 'detached' });
    await page.locator('main img').first().waitFor();
    await page.reload();
    await page.locator('main img').first().waitFor();
    expect(await dialog.count()).toBe(0);
    const [cookie, ...others] = await context.cookies();
    expect(others).toEqual([]);
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict', name: 'wan-image-session' });
  });

  test('no script holds the key', async () => {
    await using visit = await gallery.visit('/');
    await signIn(visit, ADMIN_KEY);
    await visit.page.locator('main img').first().waitFor();
    const held = await visit.page.evaluate(() =>
      JSON.stringify([
        document.cookie,
        Object.entries(localStorage),
        Object.entries(sessionStorage),
        document.documentElement.outerHTML,
      ]),
    );
    expect(held).not.toContain(ADMIN_KEY);
    expect(gallery.service.output()).not.toContain(ADMIN_KEY);
  });

  test('a session that ends in the middle of work asks again, and what was typed is still there', async () => {
    await using visit = await gallery.visit('/create');
    const { page } = visit;
    await signIn(visit, ADMIN_KEY);
    const prompt = page.getByRole('textbox', { name: 'Prompt' });
    await prompt.fill('一只猫，坐在窗台上');
    await page.evaluate(() => fetch('/v1/session', { method: 'DELETE' }));
    await page.getByRole('button', { name: /^Generate/ }).click();
    await page.getByText('Your session has ended').waitFor();
    await signIn(visit, ADMIN_KEY);
    await page.getByRole('dialog', { name: 'Sign in' }).waitFor({ state: 'detached' });
    expect(await prompt.inputValue()).toBe('一只猫，坐在窗台上');
  });

  test('a download without a session asks for the sign-in, instead of saving the error as a file', async () => {
    await using visit = await gallery.visit('/');
    const { page } = visit;
    await signIn(visit, ADMIN_KEY);
    await page.locator('main img').first().waitFor();
    await page.locator('[data-cell]').first().hover();
    await page.getByRole('button', { name: 'Select', exact: true }).first().click();
    await page.evaluate(() => fetch('/v1/session', { method: 'DELETE' }));
    const downloads: string[] = [];
    page.on('download', (download) => downloads.push(download.url()));
    await page.getByRole('button', { name: 'Download as zip' }).click();
    await page.getByText('Your session has ended').waitFor();
    expect(downloads).toEqual([]);
    await signIn(visit, ADMIN_KEY);
    await page.getByRole('dialog', { name: 'Sign in' }).waitFor({ state: 'detached' });
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download as zip' }).click();
    expect((await download).suggestedFilename()).toMatch(/\.zip$/);
  });

  test('signing out shows nothing any more, also after a reload, and leaves nothing of the session in the tab', async () => {
    await using visit = await gallery.visit('/create');
    const { page } = visit;
    await signIn(visit, ADMIN_KEY);
    await page.getByRole('textbox', { name: 'Prompt' }).fill('what nobody else is to read');
    await page.getByRole('link', { name: 'Library' }).click();
    await page.locator('main img').first().waitFor();
    await page.getByRole('link', { name: 'Statistics' }).click();
    // Where the list was is stored when it is left.
    const kept = (): Promise<string[]> => page.evaluate(() => Object.keys(sessionStorage));
    await expect.poll(kept).toContain('wan-image.positions');
    await page.getByRole('link', { name: 'Library' }).click();
    await page.locator('main img').first().waitFor();
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('dialog', { name: 'Sign in' }).waitFor();
    expect(await page.locator('main img').count()).toBe(0);
    expect(await kept()).toEqual([]);
    await page.reload();
    await page.getByRole('dialog', { name: 'Sign in' }).waitFor();
    expect(await page.locator('main img').count()).toBe(0);
    expect(await kept()).toEqual([]);
  });
});
