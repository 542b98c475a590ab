import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PHONE, type Gallery } from '../support/gallery.ts';
import { DAYS, openSeveralDays } from './several-days.ts';

let gallery: Gallery & AsyncDisposable;
beforeAll(async () => {
  gallery = await openSeveralDays();
});
afterAll(() => gallery?.[Symbol.asyncDispose]());

const cells = (page: Page): Locator => page.locator('[data-cell]');
const named = (page: Page, name: string): Locator => page.getByRole('link', { name, exact: true });
const viewer = (page: Page): Locator => page.getByRole('group', { name: 'Image', exact: true });
const scrubber = (page: Page): Locator => page.getByRole('slider', { name: 'Timeline' });
/** With the stack. */
const TOTAL = DAYS.reduce((sum, [, count]) => sum + count, 1);
const tall = { width: 1200, height: 2600 } as const;

interface Box {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function boxes(page: Page): Promise<readonly Box[]> {
  return cells(page).evaluateAll((elements) =>
    elements.map((element) => {
      const { x, y, width, height } = element.getBoundingClientRect();
      return { id: element.getAttribute('data-cell') ?? '', x, y, width, height };
    }),
  );
}

async function boxOf(locator: Locator): Promise<Omit<Box, 'id'>> {
  const box = await locator.boundingBox();
  if (box === null) throw new Error('It is not shown.');
  return box;
}

/** The prompt of the image that has the focus. */
function focused(page: Page): Promise<string | null> {
  return page.evaluate(() => document.activeElement?.querySelector('img')?.alt ?? null);
}

/** Waits until the grid listens to keys: what is loaded after the first images. */
async function enterGrid(page: Page): Promise<void> {
  await cells(page).locator('img').first().waitFor();
  await expect
    .poll(async () => {
      await page.keyboard.press('Home');
      return focused(page);
    })
    .toBe('四季, set of 4 images');
}

describe('the grid', () => {
  test.each([
    ['en', 'Today', 'Yesterday'],
    ['zh', '今天', '昨天'],
  ] as const)('shows the newest images first, by day (%s)', async (language, today, yesterday) => {
    await using visit = await gallery.visit('/', { language, viewport: tall });
    const { page } = visit;
    await named(page, '花 40-0').waitFor();
    const headings = await page.locator('main h2').allTextContents();
    expect(headings.slice(0, 2)).toEqual([today, yesterday]);
    expect(headings.length).toBeGreaterThanOrEqual(4);
    const expected = DAYS.toReversed().flatMap(([ago, count]) =>
      Array.from({ length: count }, (_, index) => `花 ${ago}-${count - 1 - index}`),
    );
    await expect
      .poll(() =>
        cells(page)
          .locator('img')
          .evaluateAll((images) => images.map((image) => (image as HTMLImageElement).alt)),
      )
      .toEqual([expect.stringContaining('四季'), ...expected]);
  });

  test('lays the images out in rows that fill the width, each in its own shape', async () => {
    await using visit = await gallery.visit('/', { viewport: tall });
    const { page } = visit;
    await named(page, '花 40-0').waitFor();
    const all = await boxes(page);
    const rows = [...Map.groupBy(all, ({ y }) => Math.round(y)).values()];
    expect(rows.length).toBeGreaterThan(3);
    const widest = Math.max(...rows.map((row) => rightOf(row)));
    const full = rows.filter((row) => Math.abs(rightOf(row) - widest) <= 1);
    // But for the last row of a day, which is as long as it is.
    expect(rows.length - full.length).toBeLessThanOrEqual(DAYS.length);
    for (const row of rows) expect(new Set(row.map(({ height }) => Math.round(height))).size).toBe(1);
    const wide = await named(page, '花 40-3').boundingBox();
    expect((wide?.width ?? 0) / (wide?.height ?? 1)).toBeCloseTo(1280 / 512, 0);
  });

  test('reserves the place of each image and shows a preview in it, so that nothing moves when it arrives', async () => {
    await using visit = await gallery.visit('/', { viewport: tall });
    const { page } = visit;
    await named(page, '花 40-0').waitFor();
    const released = Promise.withResolvers<void>();
    // The preview of an image is known once it was shown at all.
    await page.waitForLoadState('networkidle');
    await page.route(/[?&]width=\d/, async (route) => {
      await released.promise;
      await route.continue().catch(() => undefined);
    });
    await page.reload();
    await cells(page).locator('[class*="placeholder"]').nth(5).waitFor();
    await expect.poll(() => cells(page).count()).toBe(TOTAL);
    const before = await boxes(page);
    released.resolve();
    await expect.poll(() => cells(page).locator('[class*="placeholder"]').count()).toBe(0);
    expect(await boxes(page)).toEqual(before);
  });

  test('asks for no larger files than it shows, in a format that the browser prefers', async () => {
    await using visit = await gallery.visit('/');
    const { page } = visit;
    await cells(page).locator('img').first().waitFor();
    const { source, type } = await cells(page)
      .locator('img')
      .nth(1)
      .evaluate(async (image: HTMLImageElement) => {
        await image.decode();
        const response = await fetch(image.currentSrc, { headers: { accept: 'image/avif,image/webp,*/*' } });
        return { source: image.currentSrc, type: response.headers.get('content-type') };
      });
    expect(source).toMatch(/[?&]width=(?:320|640)\b/);
    expect(type).toMatch(/^image\/(?:webp|avif)$/);
  });

  test('has only those images in the document that are near, however many there are', async () => {
    await using visit = await gallery.visit('/', { viewport: { width: 700, height: 400 } });
    const { page } = visit;
    await cells(page).locator('img').first().waitFor();
    expect(await cells(page).count()).toBeLessThan(TOTAL);
    expect(await named(page, '花 400-0').count()).toBe(0);
  });

  test('a set is one stack that opens and closes', async () => {
    await using visit = await gallery.visit('/');
    const { page } = visit;
    const stack = named(page, '四季, set of 4 images');
    await stack.waitFor();
    await page.getByRole('button', { name: 'Open the set of 4 images' }).click();
    await expect.poll(() => named(page, '四季').count()).toBe(4);
    await page.getByRole('button', { name: 'Close the set' }).click();
    await stack.waitFor();
    expect(await named(page, '四季').count()).toBe(0);
  });
});

function rightOf(row: readonly Box[]): number {
  return Math.max(...row.map(({ x, width }) => x + width));
}

/** Where something is once it has stopped moving. */
async function restingBox(locator: Locator) {
  let last = await locator.boundingBox();
  await expect
    .poll(async () => {
      const before = last;
      last = await locator.boundingBox();
      return JSON.stringify(last) === JSON.stringify(before);
    })
    .toBe(true);
  return last;
}

describe('the scrubber', () => {
  test('lands on the day that it says, by key and by pointer', async () => {
    await using visit = await gallery.visit('/', { viewport: { width: 900, height: 500 } });
    const { page } = visit;
    await cells(page).locator('img').first().waitFor();
    await scrubber(page).focus();
    await page.keyboard.press('End');
    await named(page, '花 400-5').waitFor();
    await page.keyboard.press('Home');
    await named(page, '四季, set of 4 images').waitFor();
    expect(await scrubber(page).getAttribute('aria-valuetext')).toBe(shortDay(0));

    const track = scrubber(page).locator('..');
    const { x = 0, y = 0, width = 0, height = 0 } = (await track.boundingBox()) ?? {};
    await page.mouse.move(x + width / 2, y + height * 0.55);
    const bubble = track.locator('div[aria-hidden]').getByText(/\d{4}/);
    const said = await bubble.textContent();
    await page.mouse.down();
    await page.mouse.up();
    await page.mouse.move(10, 200);
    await expect.poll(() => scrubber(page).getAttribute('aria-valuetext')).toBe(said);
    // Its heading is at the top of what one sees.
    const [heading] = await page
      .locator('main h2')
      .filter({ hasText: headingOf(said ?? '') })
      .evaluateAll((found) => found.map((element) => ({ top: element.getBoundingClientRect().top })));
    const main = await page.getByRole('region', { name: 'Images' }).boundingBox();
    expect((heading?.top ?? 0) - (main?.y ?? 0)).toBeGreaterThanOrEqual(0);
    expect((heading?.top ?? 0) - (main?.y ?? 0)).toBeLessThan(60);
  });
});

/** As the scrubber calls a day. */
function shortDay(ago: number): string {
  const day = new Date(Date.now() - ago * 24 * 3_600_000);
  return new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' }).format(day);
}

/** What the heading of a day contains, of what the scrubber calls it. */
function headingOf(short: string): RegExp {
  const day = new Date(short);
  const long = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long' }).format(day);
  const ago = Math.round((Date.now() - day.getTime()) / (24 * 3_600_000) - 0.5);
  return new RegExp(ago === 0 ? 'Today' : ago === 1 ? 'Yesterday' : long);
}

describe('the keyboard', () => {
  test('goes through the grid, looks, opens, marks, selects and comes back', async () => {
    await using visit = await gallery.visit('/');
    const { page } = visit;
    await enterGrid(page);
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => focused(page)).toBe('花 0-2');
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => focused(page)).toBe('花 0-1');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => focused(page)).toMatch(/^花 1-\d$/);
    await page.keyboard.press('ArrowUp');

    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Space');
    const look = page.getByRole('dialog', { name: 'Quick look' });
    await look.getByRole('img', { name: '花 0-2' }).waitFor();
    await page.keyboard.press('ArrowRight');
    await look.getByRole('img', { name: '花 0-1' }).waitFor();
    await page.keyboard.press('Space');
    await look.waitFor({ state: 'detached' });
    await expect.poll(() => focused(page)).toBe('花 0-1');

    await page.keyboard.press('f');
    await named(page, '花 0-1, favorite').waitFor();
    await page.keyboard.press('f');
    await named(page, '花 0-1').waitFor();

    await page.keyboard.press('x');
    await page.keyboard.press('Shift+ArrowRight');
    await page.getByText('2 selected').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('toolbar', { name: 'Selection' }).waitFor({ state: 'detached' });

    await page.keyboard.press('Home');
    await page.keyboard.press('s');
    await expect.poll(() => named(page, '四季').count()).toBe(4);
    await page.keyboard.press('s');
    await named(page, '四季, set of 4 images').waitFor();

    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await viewer(page).waitFor();
    await page.keyboard.press('Escape');
    await cells(page).first().waitFor();

    await page.keyboard.press('/');
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Search');
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    const help = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await help.getByText('Quick look, and close it again').waitFor();
    await page.keyboard.press('Escape');
    await help.waitFor({ state: 'detached' });
  });

  test('reaches the grid by Tab from the skip link, with a focus that is seen', async () => {
    await using visit = await gallery.visit('/');
    const { page } = visit;
    await enterGrid(page);
    await page.reload();
    await cells(page).locator('img').first().waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    await expect
      .poll(async () => {
        await page.keyboard.press('Tab');
        return focused(page);
      })
      .not.toBeNull();
    // Its ring lies above the image.
    const ring = await page.evaluate(
      () => getComputedStyle(document.activeElement ?? document.body, '::after').borderTopWidth,
    );
    expect(ring).toBe('3px');
  });
});

test('a finger opens an image by a tap, selects by holding, and then selects by taps', async () => {
  await using visit = await gallery.visit('/', { viewport: PHONE });
  const { page } = visit;
  await cells(page).locator('img').first().waitFor();
  await named(page, '花 0-2').tap();
  await viewer(page).waitFor();
  await page.goBack();
  const first = named(page, '花 0-1');
  await first.waitFor();
  const { x = 0, y = 0, width = 0, height = 0 } = (await first.boundingBox()) ?? {};
  const session = await page.context().newCDPSession(page);
  const touchPoints = [{ x: x + width / 2, y: y + height / 2 }];
  await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints });
  await page.getByText('1 selected').waitFor();
  await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await named(page, '花 0-0').tap();
  await page.getByText('2 selected').waitFor();
});

describe('a rectangle', () => {
  const LOW = { width: 700, height: 300 } as const;

  test('selects all that it touches, also what has scrolled far away meanwhile', async () => {
    await using visit = await gallery.visit('/', { viewport: LOW });
    const { page } = visit;
    await cells(page).locator('img').first().waitFor();
    const { x, y, width, height } = await boxOf(page.getByRole('region', { name: 'Images' }));
    await page.mouse.move(x + 4, y + 20);
    await page.mouse.down();
    await page.mouse.move(x + width / 2, y + height / 2);
    await page.mouse.move(x + width - 30, y + height - 10);
    await named(page, '花 400-0').waitFor();
    await page.getByText(`${TOTAL + 3} selected`).waitFor();
    // The first section is no longer in the document.
    expect(await named(page, '花 0-0').count()).toBe(0);
    await page.mouse.up();
    await page.getByText(`${TOTAL + 3} selected`).waitFor();
  });

  test('begins with no press that was released elsewhere', async () => {
    await using visit = await gallery.visit('/');
    const { page } = visit;
    await cells(page).locator('img').first().waitFor();
    const { x, y, width, height } = await boxOf(page.getByRole('region', { name: 'Images' }));
    await page.mouse.move(x + 4, y + 2);
    await page.mouse.down();
    await page.mouse.move(x + 4, y - 10);
    await page.mouse.up();
    await page.mouse.move(x + width / 2, y + height / 2, { steps: 4 });
    const isSelecting = (): Promise<number> => page.locator('[data-selecting="true"]').count();
    // It would be seen in the next frame.
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    expect(await isSelecting()).toBe(0);
    // The same way with the button pressed selects.
    await page.mouse.move(x + 4, y + 10);
    await page.mouse.down();
    await page.mouse.move(x + width / 2, y + height / 2, { steps: 4 });
    await expect.poll(isSelecting).toBe(1);
    await page.mouse.up();
  });
});

test('the position is where it was when one comes back from an image', async () => {
  await using visit = await gallery.visit('/', { viewport: { width: 900, height: 500 } });
  const { page } = visit;
  await cells(page).locator('img').first().waitFor();
  await scrubber(page).focus();
  await page.keyboard.press('End');
  const image = named(page, '花 400-2');
  await image.waitFor();
  await expect.poll(() => image.locator('img').evaluate((element: HTMLImageElement) => element.complete)).toBe(true);
  // A click on what is cut by the window scrolls it into view.
  await image.scrollIntoViewIfNeeded();
  const before = await restingBox(image);
  await image.click();
  await viewer(page).waitFor();
  await page.goBack();
  await image.waitFor();
  // Rows have fractions of a pixel, and a browser scrolls by whole ones.
  await expect
    .poll(async () => Math.abs(((await image.boundingBox())?.y ?? Infinity) - (before?.y ?? 0)))
    .toBeLessThan(1);
});
