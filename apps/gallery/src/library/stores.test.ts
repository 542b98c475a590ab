import { beforeEach, expect, test, vi } from 'vitest';

beforeEach(() => sessionStorage.clear());

/** The module as a page has it that was just loaded. */
async function openPage() {
  vi.resetModules();
  const { FIRST_PAGE } = await import('./sections.ts');
  const stores = await import('./stores.ts');
  const visit = (q: string): void => {
    stores.storeOf({ q }).setSections([FIRST_PAGE]);
    stores.savePosition({ q });
  };
  /** Whether a reload finds the list where it was. */
  const isKnown = (q: string): boolean => stores.storeOf({ q }).sections.length > 0;
  return { ...stores, visit, isKnown };
}

test('a reload finds the last lists where they were, however many were shown before', async () => {
  const page = await openPage();
  const all = Array.from({ length: 9 }, (_, at) => `list ${at}`);
  for (const q of all) page.visit(q);
  page.visit('list 4');
  const reloaded = await openPage();
  expect(all.filter((q) => reloaded.isKnown(q))).toEqual(['list 3', 'list 4', 'list 5', 'list 6', 'list 7', 'list 8']);
});

test('what another version of the page has stored is no position', async () => {
  for (const stored of ['{"key":"page"}', 'null', '[']) {
    sessionStorage.setItem('wan-image.positions', stored);
    const page = await openPage();
    expect(page.isKnown('list')).toBe(false);
    page.visit('list');
    expect((await openPage()).isKnown('list')).toBe(true);
  }
});
