import { readFile } from 'node:fs/promises';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeEach, beforeAll, describe, expect, test } from 'vitest';
import { fromBufferPromise } from 'yauzl';
import { openGallery, type Gallery } from '../support/gallery.ts';

let gallery: Gallery & AsyncDisposable;
beforeAll(async () => {
  gallery = await openGallery();
});
afterAll(() => gallery?.[Symbol.asyncDispose]());

/** Images of this test, oldest first, with prompts of their own. */
let prompts: readonly string[];
let ids: readonly string[];
let made = 0;
beforeEach(async () => {
  const numbers = Array.from({ length: 5 }, () => (made += 1));
  prompts = numbers.map((number) => `花 ${number}.`);
  const records = [];
  for (const prompt of prompts) {
    const { id } = await gallery.history.submit({ model: 'wan2.7-image', prompt, size: '768x768' });
    records.push(await gallery.history.get(id, { wait: 60 }));
  }
  ids = records.map(({ id }) => id);
});

const cellOf = (page: Page, index: number): Locator => page.locator(`[data-cell="${ids[index]}-0"]`);
const bar = (page: Page): Locator => page.getByRole('toolbar', { name: 'Selection' });
const isSelected = (page: Page, index: number): Promise<string | null> =>
  cellOf(page, index).getByRole('button', { name: 'Select', exact: true }).getAttribute('aria-pressed');

async function open(page: Page): Promise<void> {
  await cellOf(page, 0).waitFor();
}

async function select(page: Page, index: number, modifiers: readonly 'Shift'[] = []): Promise<void> {
  await cellOf(page, index).hover();
  await cellOf(page, index)
    .getByRole('button', { name: 'Select', exact: true })
    .click({ modifiers: [...modifiers] });
}

test('several are selected by shift and by dragging, and a click beside them ends that', async () => {
  await using visit = await gallery.visit('/');
  const { page } = visit;
  await open(page);
  await select(page, 4);
  await select(page, 1, ['Shift']);
  await bar(page).getByText('4 selected').waitFor();
  expect(await isSelected(page, 0)).toBe('false');
  await bar(page).getByRole('button', { name: 'Clear the selection' }).click();
  await bar(page).waitFor({ state: 'detached' });

  const [first, last] = [await cellOf(page, 4).boundingBox(), await cellOf(page, 3).boundingBox()];
  await page.mouse.move((first?.x ?? 0) + 20, (first?.y ?? 0) + 60);
  await page.mouse.down();
  await page.mouse.move((last?.x ?? 0) + 30, (last?.y ?? 0) + 90, { steps: 6 });
  await page.mouse.up();
  await bar(page).getByText('2 selected').waitFor();
  expect(await Promise.all([3, 4, 2].map((index) => isSelected(page, index)))).toEqual(['true', 'true', 'false']);
  await page.keyboard.press('Escape');
  await bar(page).waitFor({ state: 'detached' });
});

test('favorites, tags and notes of a selection', async () => {
  await using visit = await gallery.visit('/');
  const { page } = visit;
  await open(page);
  await select(page, 0);
  await select(page, 1);
  await bar(page).getByRole('button', { name: 'Add to favorites' }).click();
  await expect
    .poll(async () => (await gallery.history.imagePage({ favorite: true })).data.map(({ prompt }) => prompt))
    .toEqual([prompts[1], prompts[0]]);
  await bar(page).getByRole('button', { name: 'Tags' }).click();
  const tags = page.getByRole('dialog', { name: 'Tags of 2 generations' });
  await tags.getByLabel('Tag to add').fill('海报');
  await tags.getByRole('button', { name: 'Add', exact: true }).click();
  await tags.waitFor({ state: 'detached' });
  await bar(page).getByRole('button', { name: 'Note' }).click();
  const note = page.getByRole('dialog', { name: 'Note of 2 generations' });
  await note.getByRole('textbox').fill('for the summer');
  await note.getByRole('button', { name: 'Save' }).click();
  await note.waitFor({ state: 'detached' });
  for (const id of ids.slice(0, 2))
    expect(await gallery.history.get(id)).toMatchObject({ tags: ['海报'], note: 'for the summer' });
  expect(await gallery.history.get(ids[2] ?? '')).toMatchObject({ tags: [], note: null });
});

describe.each([
  ['en', { deleted: '2 images are in the bin', undo: 'Undo', select: 'Select', remove: 'Move to the bin' }],
  ['zh', { deleted: '已将 2 张图片移到回收站', undo: '撤销', select: '选择', remove: '移到回收站' }],
] as const)('what is deleted (%s)', (language, words) => {
  test('goes into the bin without a question, and comes back by undo', async () => {
    await using visit = await gallery.visit('/', { language });
    const { page } = visit;
    await open(page);
    for (const index of [1, 2]) {
      await cellOf(page, index).hover();
      await cellOf(page, index).getByRole('button', { name: words.select, exact: true }).click();
    }
    await page.getByRole('toolbar').getByRole('button', { name: words.remove }).click();
    await page.getByText(words.deleted).waitFor();
    await cellOf(page, 1).waitFor({ state: 'detached' });
    expect(await cellOf(page, 2).count()).toBe(0);
    await page.getByRole('button', { name: words.undo, exact: true }).click();
    await cellOf(page, 1).waitFor();
    await cellOf(page, 2).waitFor();
    expect((await gallery.history.get(ids[1] ?? '')).deleted_at).toBeNull();
  });
});

test('while one looks at it, what is deleted makes room for the next one at once', async () => {
  await using visit = await gallery.visit(`/view/${ids[3]}-0`);
  const { page } = visit;
  await expect.poll(() => page.getByRole('button', { name: 'Next image' }).isEnabled()).toBe(true);
  await page.keyboard.press('Delete');
  await page.waitForURL((url) => url.pathname.endsWith(`${ids[2]}-0`));
  await page.getByText('The image is in the bin').waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect.poll(async () => (await gallery.history.get(ids[3] ?? '')).deleted_at).toBeNull();
});

test('the bin gives back what is restored, and deletes for good after a question', async () => {
  for (const id of ids.slice(0, 2)) await gallery.history.delete(id);
  await using visit = await gallery.visit('/');
  const { page } = visit;
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Bin' }).click();
  await select(page, 0);
  await bar(page).getByRole('button', { name: 'Restore' }).click();
  await page.getByText('The image is back in the library').waitFor();
  await cellOf(page, 0).waitFor({ state: 'detached' });
  await select(page, 1);
  await bar(page).getByRole('button', { name: 'Delete for good' }).click();
  const dialog = page
    .getByRole('alertdialog')
    .or(page.getByRole('dialog'))
    .filter({ hasText: 'Delete one image for good?' });
  await dialog.getByText('Nothing brings it back.').waitFor();
  await dialog.getByRole('button', { name: 'Delete for good' }).click();
  await page.getByText('The image is deleted for good').waitFor();
  await cellOf(page, 1).waitFor({ state: 'detached' });
  expect((await gallery.history.get(ids[0] ?? '')).deleted_at).toBeNull();
  await expect(gallery.history.get(ids[1] ?? '')).rejects.toMatchObject({ status: 404 });
});

test('the selection is downloaded as one archive', async () => {
  await using visit = await gallery.visit('/');
  const { page } = visit;
  await open(page);
  await select(page, 2);
  await select(page, 4);
  const download = page.waitForEvent('download');
  await bar(page).getByRole('button', { name: 'Download as zip' }).click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/\.zip$/);
  const zip = await fromBufferPromise(await readFile(await file.path()));
  const names: string[] = [];
  for await (const { fileName } of zip.eachEntry()) names.push(fileName);
  expect(names.filter((name) => name.endsWith('.png'))).toHaveLength(2);
});

test('tags and the note of one image are edited beside it, and what is typed survives a way back', async () => {
  await using visit = await gallery.visit(`/view/${ids[0]}-0`);
  const { page } = visit;
  const facts = page.getByRole('complementary', { name: 'Details' });
  await facts.getByLabel('Add a tag').fill('草稿');
  await page.keyboard.press('Enter');
  await facts.getByRole('button', { name: 'Remove the tag 草稿' }).waitFor();
  expect((await gallery.history.get(ids[0] ?? '')).tags).toEqual(['草稿']);
  const note = facts.getByRole('textbox', { name: 'Note' });
  await note.fill('for later');
  await note.blur();
  await expect.poll(async () => (await gallery.history.get(ids[0] ?? '')).note).toBe('for later');
  await facts.getByRole('button', { name: 'Remove the tag 草稿' }).click();
  await expect.poll(async () => (await gallery.history.get(ids[0] ?? '')).tags).toEqual([]);
});
