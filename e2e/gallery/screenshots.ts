import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { DESKTOP, openGallery, PHONE, type Gallery, type VisitOptions } from '../support/gallery.ts';
import { fillLibrary, type Library } from './fill-library.ts';

/**
 * `pnpm screenshots [name …]`: an image of every view and state of the gallery, from the running service, at several sizes, in both
 * languages and themes. With names, only those whose file name contains one of them. Look at each of them after a change.
 */

const FOLDER = join(import.meta.dirname, 'screenshots');

const WIDE = { width: 2560, height: 1440 } as const;

/** How a view is seen: a name for the file, and what the browser is like. */
const LOOKS: readonly (readonly [name: string, options: VisitOptions])[] = [
  ['desktop', { viewport: DESKTOP }],
  ['dark', { viewport: DESKTOP, theme: 'dark' }],
  ['chinese', { viewport: DESKTOP, language: 'zh' }],
  ['phone', { viewport: PHONE }],
  ['phone-dark-chinese', { viewport: PHONE, theme: 'dark', language: 'zh' }],
  ['wide', { viewport: WIDE }],
];

/** A view in a state. */
interface Shot {
  readonly name: string;
  readonly path: string;
  /** Before the page is opened, such as a request that never ends. */
  readonly before?: (page: Page) => Promise<unknown>;
  /** After it was opened, such as a menu that is opened. */
  readonly after?: (page: Page) => Promise<unknown>;
}

const never = (pattern: string) => (page: Page) => page.route(pattern, () => undefined);
const failing = (pattern: string) => (page: Page) => page.route(pattern, (route) => route.abort());

const EMPTY: readonly Shot[] = [
  { name: 'library-empty', path: '/' },
  { name: 'create-first', path: '/create?example=1' },
  { name: 'activity-empty', path: '/activity' },
  { name: 'statistics-empty', path: '/statistics' },
  { name: 'settings', path: '/settings' },
  { name: 'not-found', path: '/compare?image=00000000-0000-7000-8000-000000000001-0' },
];

function shotsOf({ images, failed, unknown, running, edited, set }: Library): readonly Shot[] {
  const [first = '', second = '', third = '', fourth = ''] = images;
  return [
    { name: 'library-many', path: '/' },
    { name: 'library-loading', path: '/', before: never('**/v1/images**') },
    { name: 'library-unreachable', path: '/', before: failing('**/v1/images**') },
    { name: 'library-found', path: '/?q=猫' },
    { name: 'library-nothing-found', path: '/?q=没有这样的图片' },
    { name: 'library-filtered', path: '/?model=wan2.7-image-pro&favorite=true&tag=海报' },
    { name: 'library-bin', path: '/?deleted=true' },
    { name: 'library-offline', path: '/', after: (page) => page.context().setOffline(true) },
    { name: 'library-menu', path: '/', after: (page) => page.getByRole('button', { name: /^(?:More|更多)$/ }).click() },
    { name: 'library-keys', path: '/', after: (page) => page.keyboard.press('?') },
    { name: 'view', path: `/view/${first}` },
    { name: 'view-set', path: `/view/${set}` },
    { name: 'view-missing', path: '/view/00000000-0000-7000-8000-000000000001-0' },
    { name: 'compare-two', path: `/compare?image=${first}&image=${second}` },
    { name: 'compare-four', path: `/compare?image=${first}&image=${second}&image=${third}&image=${fourth}` },
    { name: 'generation-failed', path: `/generations/${failed}` },
    { name: 'generation-unknown', path: `/generations/${unknown}` },
    { name: 'generation-running', path: `/generations/${running}` },
    { name: 'generation-lineage', path: `/generations/${edited}` },
    { name: 'create', path: '/create' },
    { name: 'create-from', path: `/create?from=${edited}` },
    { name: 'create-edit', path: `/create?image=${first}` },
    { name: 'activity', path: '/activity' },
    { name: 'statistics', path: '/statistics' },
  ];
}

const KEYED: readonly Shot[] = [{ name: 'sign-in', path: '/' }];

/** For what comes without a request: transitions, decoding, fonts. */
const SETTLE_MS = 1500;

async function shoot(gallery: Gallery, shots: readonly Shot[], names: readonly string[]): Promise<void> {
  for (const { name, path, before, after } of shots) {
    for (const [look, options] of LOOKS) {
      const file = `${name}.${look}.png`;
      if (names.length > 0 && !names.some((part) => file.includes(part))) continue;
      await using visit = await gallery.visit('/openapi.json', options);
      const { page } = visit;
      await before?.(page);
      await page.goto(`${gallery.service.url}${path}`);
      await page.waitForTimeout(SETTLE_MS);
      await after?.(page);
      await page.waitForTimeout(SETTLE_MS);
      await page.screenshot({ path: join(FOLDER, file) });
      process.stdout.write(`${file}\n`);
    }
  }
}

async function main(): Promise<void> {
  const names = process.argv.slice(2);
  await mkdir(FOLDER, { recursive: true });
  {
    await using gallery = await openGallery();
    await shoot(gallery, EMPTY, names);
    await shoot(gallery, shotsOf(await fillLibrary(gallery)), names);
  }
  await using keyed = await openGallery({ ADMIN_API_KEY: 'admin-key-of-the-screenshots' });
  await shoot(keyed, KEYED, names);
}

await main();
