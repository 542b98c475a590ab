import type { LibrarySearch } from './library-search.ts';

type Name = Exclude<keyof LibrarySearch, 'q'>;

/** One part of a filter that can be removed by itself: a value of a list, or a whole part. */
export interface ActiveFilter {
  readonly key: string;
  readonly name: Name;
  /** The value of a list, or the key of a pair of `metadata`; null for a whole part. */
  readonly value: string | null;
}

/** Lists of which each value is a filter of its own. Many ids are one: nobody removes the 731st of them. */
const LISTS = ['model', 'state', 'outcome', 'size', 'tag', 'source', 'api_key'] as const satisfies readonly Name[];

const WHOLE = [
  'favorite',
  'created_after',
  'has_input_image',
  'image_sha256',
  'derived_from',
  'seed',
  'id',
  'user',
  'simulated',
  'deleted',
] as const satisfies readonly Name[];

/** What a filter consists of, but for the words of the search, which the search box shows. */
export function activeFilters(search: LibrarySearch): readonly ActiveFilter[] {
  const has = (name: Name): boolean =>
    search[name] !== undefined || (name === 'created_after' && search.created_before !== undefined);
  const values = LISTS.flatMap((name) => (search[name] ?? []).map((value) => ({ name, value })));
  const pairs = Object.keys(search.metadata ?? {}).map((value) => ({ name: 'metadata' as const, value }));
  const whole = WHOLE.filter(has).map((name) => ({ name, value: null }));
  return [...values, ...pairs, ...whole].map(({ name, value }) => ({ name, value, key: `${name} ${value ?? ''}` }));
}

/** The filter without a part. */
export function withoutFilter(search: LibrarySearch, { name, value }: ActiveFilter): LibrarySearch {
  if (value === null) return without(search, name === 'created_after' ? [name, 'created_before'] : [name]);
  if (name === 'metadata') {
    const { [value]: _, ...metadata } = search.metadata ?? {};
    return Object.keys(metadata).length === 0 ? without(search, [name]) : { ...search, metadata };
  }
  return withValues(
    search,
    name as ListName,
    valuesOf(search, name as ListName).filter((one) => one !== value),
  );
}

/** The parts that are lists. */
export type ListName = (typeof LISTS)[number];

export function valuesOf(search: LibrarySearch, name: ListName): readonly string[] {
  return search[name] ?? [];
}

/** The filter with other values of a list. */
export function withValues(search: LibrarySearch, name: ListName, values: readonly string[]): LibrarySearch {
  return values.length === 0 ? without(search, [name]) : { ...search, [name]: values };
}

/** The filter without all of it, but for the words and for whether it is the bin: that is a place, not a filter. */
export function cleared({ q, deleted }: LibrarySearch): LibrarySearch {
  return { ...(q !== undefined && { q }), ...(deleted && { deleted }) };
}

export function without(search: LibrarySearch, names: readonly (keyof LibrarySearch)[]): LibrarySearch {
  return Object.fromEntries(Object.entries(search).filter(([name]) => !names.some((one) => one === name)));
}
