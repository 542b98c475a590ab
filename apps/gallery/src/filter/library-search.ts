import { FILTER_NAMES, parseFilterQuery, type GenerationFilter } from '@wan-image/core';
import type { SearchParams } from '../page/search-params.ts';

/** What the library shows: the filter of the API, under its own names, so that a URL of the page reads like one of the API. */
export type LibrarySearch = GenerationFilter;

/** Reads the search parameters of the library. What is no valid filter is dropped: a link that was cut still shows something. */
export function readLibrarySearch(search: SearchParams): LibrarySearch {
  const known = new Map(
    Object.entries(search)
      .flatMap(asInUrl)
      .filter(([name]) => isFilterName(name)),
  );
  // Each turn drops one parameter at least.
  for (;;) {
    const parsed = parseFilterQuery(Object.fromEntries(known), []);
    if (parsed.ok) return parsed.value;
    const wrong = [...known.keys()].filter((name) => parsed.problems.some(({ param }) => isAbout(param, name)));
    if (wrong.length === 0) return {};
    for (const name of wrong) known.delete(name);
  }
}

/** The router validates what it has validated before: `metadata` is an object then, and several parameters in a URL. */
function asInUrl([name, value]: readonly [string, unknown]): readonly (readonly [string, unknown])[] {
  if (name !== 'metadata' || typeof value !== 'object' || value === null) return [[name, value]];
  return Object.entries(value).map(([key, one]) => [`metadata[${key}]`, one]);
}

/** Whether a filter selects anything but what the library shows by itself. */
export function isFiltered(search: LibrarySearch): boolean {
  return Object.keys(search).length > 0;
}

function isFilterName(name: string): boolean {
  return name.startsWith('metadata[') || FILTER_NAMES.some((known) => known === name);
}

function isAbout(param: string | null, name: string): boolean {
  return param === name || param?.replace(/\[\d+\]$/, '') === name || (param?.startsWith(`${name}.`) ?? false);
}
