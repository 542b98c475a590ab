import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openGallery, PHONE, type Gallery, type Visit } from '../support/gallery.ts';
import { fillLibrary, type Library } from './fill-library.ts';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** A view in a state. */
interface State {
  readonly name: string;
  readonly path: string | ((library: Library) => string);
  readonly open?: (page: Page, library: Library) => Promise<unknown>;
  /** What is there once the state is reached. */
  readonly shows: (page: Page) => Promise<unknown>;
}

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });
const heading = (name: string) => (page: Page) => page.getByRole('heading', { name }).first().waitFor();
const dialog = (page: Page) => page.getByRole('dialog').first().waitFor();
const cells = (page: Page) => page.locator('[data-cell] img').first().waitFor();
const viewer = (page: Page) => page.getByRole('group', { name: 'Image', exact: true }).waitFor();

async function select(page: Page, count: number): Promise<void> {
  await cells(page);
  for (const index of Array.from({ length: count }, (_, at) => at)) {
    const cell = page.locator('[data-cell]').nth(index);
    await cell.hover();
    await cell.getByRole('button', { name: 'Select', exact: true }).click();
  }
  await page.getByRole('toolbar', { name: 'Selection' }).waitFor();
}

const selected = (name: string) => async (page: Page) => {
  await select(page, 2);
  await button(page, name).click();
};

const pressed = (key: string) => async (page: Page) => {
  await viewer(page);
  await page.keyboard.press(key);
};

const STATES: readonly State[] = [
  { name: 'library', path: '/', shows: cells },
  { name: 'library, found', path: '/?q=猫', shows: cells },
  {
    name: 'library as a list',
    path: '/?q=猫',
    open: (page) => button(page, 'List').click(),
    shows: (page) => page.locator('mark').first().waitFor(),
  },
  { name: 'library, nothing found', path: '/?q=没有这样的图片', shows: heading('Nothing matches') },
  { name: 'bin', path: '/?deleted=true', shows: cells },
  { name: 'selection', path: '/', open: (page) => select(page, 2), shows: cells },
  { name: 'tags of a selection', path: '/', open: selected('Tags'), shows: dialog },
  { name: 'note of a selection', path: '/', open: selected('Note'), shows: dialog },
  { name: 'filters', path: '/?tag=海报', open: (page) => button(page, /^Filters/).click(), shows: dialog },
  {
    name: 'menu',
    path: '/',
    open: (page) => button(page, 'More').click(),
    shows: (page) => page.getByRole('menu').waitFor(),
  },
  {
    name: 'keyboard shortcuts',
    path: '/',
    open: async (page) => {
      await cells(page);
      await page.keyboard.press('?');
    },
    shows: dialog,
  },
  {
    name: 'quick look',
    path: '/',
    open: async (page) => {
      await cells(page);
      await page.keyboard.press('Space');
    },
    shows: dialog,
  },
  { name: 'view', path: (library) => `/view/${library.images[0]}`, shows: viewer },
  { name: 'view of a set', path: (library) => `/view/${library.set}`, shows: viewer },
  {
    name: 'menu of an image',
    path: (library) => `/view/${library.images[0]}`,
    open: (page) => button(page, 'More actions').click(),
    shows: (page) => page.getByRole('menu').waitFor(),
  },
  {
    name: 'choice of what to compare',
    path: (library) => `/view/${library.images[0]}`,
    open: pressed('c'),
    shows: dialog,
  },
  { name: 'no such image', path: '/view/00000000-0000-7000-8000-000000000001-0', shows: heading('There is no such') },
  {
    name: 'compare',
    path: (library) => `/compare?image=${library.images[0]}&image=${library.images[1]}&image=${library.images[2]}`,
    shows: (page) => page.getByText('Marked parameters differ.').waitFor(),
  },
  { name: 'compare with too few', path: '/compare', shows: heading('Choose two to four images') },
  {
    name: 'generation with its lineage',
    path: (library) => `/generations/${library.edited}`,
    shows: heading('Lineage'),
  },
  { name: 'failed generation', path: (library) => `/generations/${library.failed}`, shows: heading('Generation') },
  {
    name: 'unknown generation',
    path: (library) => `/generations/${library.unknown}`,
    shows: heading('Was it billed?'),
  },
  { name: 'running generation', path: (library) => `/generations/${library.running}`, shows: heading('Generation') },
  {
    name: 'create',
    path: '/create',
    shows: (page) => page.getByRole('region', { name: 'Results' }).waitFor(),
  },
  {
    name: 'create, with faults',
    path: (library) => `/create?image=${library.images[0]}`,
    open: async (page) => {
      await button(page, 'Remove image 1').waitFor();
      await page.getByLabel('Seed', { exact: true }).fill('');
      await button(page, 'Generate').click();
    },
    shows: (page) => page.getByText('Nothing was sent: see the marked fields.').waitFor(),
  },
  {
    name: 'settings that replace what is typed',
    path: '/create',
    open: async (page, { edited }) => {
      await page.getByRole('textbox', { name: 'Prompt', exact: true }).fill('something else');
      await page.goto(new URL(`/create?from=${edited}`, page.url()).href);
    },
    shows: dialog,
  },
  {
    name: 'URL of an input',
    path: '/create',
    open: (page) => button(page, 'Add a URL').click(),
    shows: dialog,
  },
  {
    name: 'input from the library',
    path: '/create',
    open: (page) => button(page, 'Choose from the library').click(),
    shows: (page) => page.getByRole('dialog').locator('img').first().waitFor(),
  },
  { name: 'activity', path: '/activity', shows: heading('May have been billed') },
  {
    name: 'settling a bill',
    path: '/activity',
    open: (page) =>
      button(page, /^Settle/)
        .first()
        .click(),
    shows: dialog,
  },
  {
    name: 'statistics with tables',
    path: '/statistics',
    open: async (page) => {
      const show = button(page, 'Show as a table');
      await show.first().waitFor();
      while ((await show.count()) > 0) await show.first().click();
    },
    shows: (page) => page.getByRole('table').first().waitFor(),
  },
  { name: 'settings', path: '/settings', shows: heading('Settings') },
];

/** The rules whose result depends on colors. */
const COLOR_RULES = ['color-contrast', 'link-in-text-block'];

/** What axe finds, as rule, element and reason. */
async function findings(axe: AxeBuilder): Promise<readonly string[]> {
  const { violations } = await axe.analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
  );
}

/** The guards that Base UI puts around a menu keep no focus: they hand it on. Axe does not know them, unless it sees a dialog. */
const GUARDS = '[data-base-ui-focus-guard]';

/** In both themes: a page follows the one of the system at once, and nothing but colors differs. */
async function expectNothing(page: Page): Promise<void> {
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  const light = await findings(new AxeBuilder({ page }).exclude(GUARDS).withTags(RULES));
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  const dark = await findings(new AxeBuilder({ page }).withRules(COLOR_RULES));
  expect({ light, dark }).toEqual({ light: [], dark: [] });
}

describe('axe finds nothing, in either theme,', () => {
  let gallery: Gallery & AsyncDisposable;
  let visit: Visit;
  beforeAll(async () => {
    gallery = await openGallery();
    visit = await gallery.visit('/');
  });
  afterAll(async () => {
    await visit?.[Symbol.asyncDispose]();
    await gallery?.[Symbol.asyncDispose]();
  });

  test.each([
    ['/', 'Create your first image'],
    ['/?deleted=true', 'The bin is empty'],
    ['/create', 'What you generate appears here.'],
    ['/activity', 'Nothing failed.'],
    ['/statistics', 'Nothing was generated in this time'],
  ])('of %s without images', async (path, text) => {
    await visit.page.goto(`${gallery.service.url}${path}`);
    await visit.page.getByText(text).first().waitFor();
    await expectNothing(visit.page);
  });
});

describe('axe finds nothing, in either theme, with a library', () => {
  let gallery: Gallery & AsyncDisposable;
  let library: Library;
  let visit: Visit;
  let phone: Visit;
  let otherTab: Page;
  beforeAll(async () => {
    gallery = await openGallery();
    library = await fillLibrary(gallery);
    visit = await gallery.visit('/');
    phone = await gallery.visit('/', { viewport: PHONE });
    otherTab = await phone.context.newPage();
    await otherTab.goto(`${gallery.service.url}/settings`);
  });
  afterAll(async () => {
    await visit?.[Symbol.asyncDispose]();
    await phone?.[Symbol.asyncDispose]();
    await gallery?.[Symbol.asyncDispose]();
  });
  const urlOf = ({ path }: State): string => `${gallery.service.url}${typeof path === 'string' ? path : path(library)}`;

  test.each(STATES)('$name', async (state) => {
    const { page } = visit;
    await page.goto(urlOf(state));
    await state.open?.(page, library);
    await state.shows(page);
    await expectNothing(page);
  });

  test.each(STATES.filter(({ open }) => open === undefined))(
    '$name on a phone, where nothing is too small for a finger or wider than the screen, in Chinese neither',
    async (state) => {
      const { page } = phone;
      await setLanguage('en');
      await page.goto(urlOf(state));
      await state.shows(page);
      await expectNothing(page);
      expect(await smallControls(page)).toEqual([]);
      expect(await widthOf(page)).toBe(PHONE.width);
      await setLanguage('zh');
      await page.getByRole('navigation', { name: '主导航' }).waitFor();
      expect(await smallControls(page)).toEqual([]);
      expect(await widthOf(page)).toBe(PHONE.width);
    },
  );

  /** As it is chosen in another tab. */
  function setLanguage(language: string): Promise<void> {
    return otherTab.evaluate((chosen) => localStorage.setItem('wan-image.language', chosen), language);
  }
});

function widthOf(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth);
}

test('axe finds nothing in the sign-in, in either theme', async () => {
  await using gallery = await openGallery({ ADMIN_API_KEY: 'admin-key-of-the-gallery-tests' });
  await using visit = await gallery.visit('/');
  const { page } = visit;
  await page.getByRole('dialog', { name: 'Sign in' }).waitFor();
  await expectNothing(page);
  await page.getByLabel('API key').fill('wrong');
  await button(page, 'Sign in').click();
  await page.getByRole('alert').waitFor();
  await expectNothing(page);
});

/** What is smaller than a finger and can be touched. Links within a text may be, as WCAG 2.2 says. */
function smallControls(page: Page): Promise<readonly string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('button, [role="slider"], nav a')].flatMap((element) => {
      const { width, height } = element.getBoundingClientRect();
      const { visibility, pointerEvents } = getComputedStyle(element);
      const canTouch = width > 0 && height > 0 && visibility !== 'hidden' && pointerEvents !== 'none';
      const isSmall = Math.min(width, height) < 44;
      return canTouch && isSmall ? [`${element.outerHTML.slice(0, 160)} ${width} x ${height}`] : [];
    }),
  );
}
