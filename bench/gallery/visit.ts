import type { Browser, CDPSession, Page } from 'playwright-core';
import { CHINESE } from '../history/words.ts';
import { median, row, type Row } from '../support/report.ts';

/** What one visitor met. */
export interface GalleryRun {
  /** From navigation until the first image was there, in milliseconds. */
  readonly firstImageMs: number;
  /** JavaScript that was requested before that, compressed with gzip. */
  readonly scriptBytes: number;
  /** The longest task of each work, in milliseconds. */
  readonly longest: Readonly<Record<Work, number>>;
  /** Sum of all layout shifts without an input just before. */
  readonly layoutShift: number;
  /** JavaScript memory after a garbage collection, before and after everything, in bytes. */
  readonly heapBefore: number;
  readonly heapAfter: number;
}

type Work = 'open' | 'scroll' | 'jump' | 'search' | 'view';

/** Kept by the page itself while it works. */
interface Observed {
  long: number;
  shift: number;
}

const WHEEL_STEPS = 150;
const WHEEL_PX = 900;
const JUMPS = 12;

/** Words of the prompts: frequent ones, so that there is something to show, and one character of a word. */
const SEARCHED = [CHINESE.words[3], CHINESE.words[40], CHINESE.words[8]?.slice(0, 1)].map((word) => word ?? '');

/** One visit: opens the library, scrolls from end to end, jumps to dates, searches, opens an image and comes back. */
export async function visit(browser: Browser, url: string): Promise<GalleryRun> {
  await using context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.addInitScript(() => {
    const observed: Observed = { long: 0, shift: 0 };
    Object.assign(globalThis, { observed });
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) observed.long = Math.max(observed.long, duration);
    }).observe({ type: 'longtask', buffered: true });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { hadRecentInput: boolean; value: number })[])
        if (!entry.hadRecentInput) observed.shift += entry.value;
    }).observe({ type: 'layout-shift', buffered: true });
  });
  const session = await context.newCDPSession(page);
  await page.goto(url);
  await imagesShown(page);
  const firstImageMs = await firstImage(page);
  const scriptBytes = await scriptsBefore(page, firstImageMs);
  const longest: Record<Work, number> = { open: await longestTask(page), scroll: 0, jump: 0, search: 0, view: 0 };
  const heapBefore = await heap(session);
  await scroll(page);
  longest.scroll = await longestTask(page);
  await jump(page);
  longest.jump = await longestTask(page);
  await view(page);
  longest.view = await longestTask(page);
  await search(page);
  longest.search = await longestTask(page);
  const layoutShift = await page.evaluate(() => (globalThis as unknown as { observed: Observed }).observed.shift);
  return { firstImageMs, scriptBytes, longest, layoutShift, heapBefore, heapAfter: await heap(session) };
}

/** Until an image within the window is drawn. */
async function imagesShown(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const shown = [...document.querySelectorAll('main img')].filter((image) => {
      const { top, bottom } = image.getBoundingClientRect();
      return bottom > 0 && top < innerHeight;
    });
    return shown.some((image) => (image as HTMLImageElement).complete);
  });
}

function firstImage(page: Page): Promise<number> {
  return page.evaluate(() =>
    Math.min(
      ...performance
        .getEntriesByType('resource')
        .filter(({ name }) => new URL(name).pathname.startsWith('/images/'))
        .map((entry) => (entry as PerformanceResourceTiming).responseEnd),
    ),
  );
}

/** Asked for again with gzip: the browser got what is smaller still. */
async function scriptsBefore(page: Page, limitMs: number): Promise<number> {
  const names = await page.evaluate(
    (limit) =>
      performance
        .getEntriesByType('resource')
        .filter(({ name, startTime }) => new URL(name).pathname.endsWith('.js') && startTime < limit)
        .map(({ name }) => name),
    limitMs,
  );
  const sizes = await Promise.all(
    names.map(async (name) => {
      const response = await fetch(name, { headers: { 'accept-encoding': 'gzip' } });
      await response.body?.cancel();
      return Number(response.headers.get('content-length'));
    }),
  );
  return sizes.reduce((sum, one) => sum + one, 0);
}

/** Of the work since the last call. */
async function longestTask(page: Page): Promise<number> {
  // What the observer has not delivered yet.
  await page.waitForTimeout(300);
  return page.evaluate(() => {
    const { observed } = globalThis as unknown as { observed: Observed };
    const { long } = observed;
    observed.long = 0;
    return long;
  });
}

/** Through the newest images by the wheel, then through everything by the timeline. */
async function scroll(page: Page): Promise<void> {
  await page.mouse.move(600, 500);
  for (let step = 0; step < WHEEL_STEPS; step++) {
    await page.mouse.wheel(0, WHEEL_PX);
    await page.waitForTimeout(30);
  }
  const box = await timeline(page);
  await page.mouse.move(box.x, box.top + 2);
  await page.mouse.down();
  for (let step = 0; step <= 100; step++) {
    await page.mouse.move(box.x, box.top + 2 + ((box.height - 4) * step) / 100);
    await page.waitForTimeout(50);
  }
  await page.mouse.up();
  await assertAtEnd(page);
  await imagesShown(page);
}

/** A drag that misses the timeline measures a page at rest. */
async function assertAtEnd(page: Page): Promise<void> {
  const slider = page.getByRole('slider', { name: 'Timeline' });
  const [now, last] = await Promise.all(['aria-valuenow', 'aria-valuemax'].map((name) => slider.getAttribute(name)));
  if (now === null || last === null || Number(now) < 0.9 * Number(last))
    throw new Error(`The drag along the timeline ended at section ${now} of ${last}, not near the last.`);
}

async function jump(page: Page): Promise<void> {
  const box = await timeline(page);
  for (let count = 0; count < JUMPS; count++) {
    await page.mouse.click(box.x, box.top + 5 + ((box.height - 10) * ((count * 7) % JUMPS)) / JUMPS);
    await imagesShown(page);
    await page.waitForTimeout(300);
  }
}

/** The track. The slider itself is only its thumb. */
async function timeline(page: Page) {
  const box = await page.getByRole('slider', { name: 'Timeline' }).locator('..').boundingBox();
  if (box === null) throw new Error('The library has no timeline.');
  return { x: box.x + box.width / 2, top: box.y, height: box.height };
}

async function view(page: Page): Promise<void> {
  await page.locator('main a[href^="/view/"]:visible').nth(3).click();
  await page.waitForURL('**/view/**');
  await page.locator('main img').first().waitFor();
  await page.keyboard.press('ArrowRight');
  await page.waitForTimeout(1000);
  await page.goBack();
  await imagesShown(page);
}

async function search(page: Page): Promise<void> {
  for (const text of SEARCHED) {
    await page.getByRole('searchbox', { name: 'Search' }).fill(text);
    await page.waitForURL(`**q=${encodeURIComponent(text)}*`);
    await imagesShown(page);
    await page.waitForTimeout(500);
  }
}

async function heap(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.enable');
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  return usedSize;
}

/** The medians of all visits, beside the targets. */
export function rowsOf(runs: readonly GalleryRun[], images: number): readonly Row[] {
  const of = (value: (one: GalleryRun) => number): number => median(runs.map(value));
  const work = (name: string): string => `${name}, ${images.toLocaleString('en')} images`;
  const facts = (name: string, measure: string, value: number, unit: string, target: number | null): Row =>
    row({ work: work(name), measure, value, unit, peer: null, target });
  const MB = 1024 * 1024;
  return [
    facts(
      'open',
      'first image after navigation',
      of((one) => one.firstImageMs),
      'ms',
      1000,
    ),
    facts('open', 'JavaScript before the first image, gzip', of((one) => one.scriptBytes) / 1024, 'KiB', 150),
    ...(['open', 'scroll', 'jump', 'view', 'search'] as const).map((name) =>
      facts(
        name,
        'longest task',
        of((one) => one.longest[name]),
        'ms',
        100,
      ),
    ),
    facts(
      'all',
      'layout shift',
      of((one) => one.layoutShift),
      'CLS',
      0.02,
    ),
    facts('all', 'growth of the heap', of((one) => one.heapAfter - one.heapBefore) / MB, 'MB', null),
  ];
}
