import { stringifySearchParams } from '../page/search-params.ts';
import { browserZone } from './days.ts';
import { GridStore, type SavedPosition, type Wanted } from './grid-store.ts';
import type { LibrarySearch } from '../filter/library-search.ts';

/** Lists whose place is remembered. */
const MAX_STORES = 6;

/** Whoever scrolled further through a filtered list than this begins at its top after a reload. */
const MAX_SAVED_PAGES = 500;

const STORAGE_KEY = 'wan-image.positions';

/** By the names of the lists, the one that was left last at the end. */
type SavedPositions = readonly (readonly [name: string, position: SavedPosition])[];

const stores = new Map<string, GridStore>();

/** The store of a list: the one of the last visit, so that whoever comes back finds the list as it was. */
export function storeOf(search: LibrarySearch): GridStore {
  const name = nameOf(search);
  const store = stores.get(name) ?? createStore(name);
  // The one that was used last is the last one that is dropped.
  stores.delete(name);
  stores.set(name, store);
  const [oldest] = stores.keys();
  if (stores.size > MAX_STORES && oldest !== undefined) stores.delete(oldest);
  return store;
}

/** The library shows this image when one comes back to it: the one that was viewed last. */
export function showInLibrary(search: LibrarySearch, image: Wanted): void {
  storeOf(search).want(image);
}

/** Remembers where a list is, for a reload. Without storage it begins at the top. */
export function savePosition(search: LibrarySearch): void {
  const name = nameOf(search);
  const store = stores.get(name);
  const anchor = store?.model.anchor();
  if (store === undefined || !anchor) return;
  const pages = store.sections.filter(({ day }) => day === null).slice(0, MAX_SAVED_PAGES);
  const saved: SavedPosition = { ...anchor, active: store.active(), pages };
  const others = savedPositions().filter(([other]) => other !== name);
  const all: SavedPositions = [...others, [name, saved]];
  try {
    sessionStorage.setItem(STORAGE_KEY, JSON.stringify(all.slice(-MAX_STORES)));
  } catch {
    // A browser may forbid storage, for example in a private window.
  }
}

/** Forgets all lists and where they were, when the session ends that read them. */
export function forgetLists(): void {
  stores.clear();
  try {
    sessionStorage.removeItem(STORAGE_KEY);
  } catch {
    // There was nothing to remove.
  }
}

function createStore(name: string): GridStore {
  const store = new GridStore(browserZone(Intl.DateTimeFormat().resolvedOptions().timeZone));
  const saved = savedPositions().find(([other]) => other === name);
  if (saved !== undefined) store.restore(saved[1]);
  return store;
}

/** What this tab has stored itself. */
function savedPositions(): SavedPositions {
  try {
    const saved: unknown = JSON.parse(sessionStorage.getItem(STORAGE_KEY) ?? '[]');
    return Array.isArray(saved) ? (saved as SavedPositions) : [];
  } catch {
    return [];
  }
}

function nameOf(search: LibrarySearch): string {
  return stringifySearchParams({ ...search });
}
