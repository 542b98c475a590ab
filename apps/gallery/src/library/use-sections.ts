import type { GenerationFilter, ImageList, Timeline } from '@wan-image/core';
import { useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
import { libraryKeys } from '../api/keys.ts';
import { reader } from '../api/reader.ts';
import { timelineQuery } from './first-read.ts';
import type { GridStore } from './grid-store.ts';
import { isFiltered } from '../filter/library-search.ts';
import { sectionKey, sectionQuery } from './read-section.ts';
import { FIRST_PAGE } from './sections.ts';

/** How often the page looks for what was made elsewhere, while it is visible. */
const LIVE_MS = 15_000;

export interface LibraryState {
  readonly status: 'loading' | 'failed' | 'empty' | 'shown';
  readonly error: unknown;
  readonly onRetry: () => void;
  /** How many new images there are above what is shown. */
  readonly added: number;
  /** Shows them. */
  readonly onShowAdded: () => void;
}

/** Keeps the sections of the store up to date, without moving what somebody looks at. */
export function useSections(store: GridStore, filter: GenerationFilter): LibraryState {
  const hasFilter = isFiltered(filter);
  const timeline = useQuery({
    ...timelineQuery(store.zone.tz),
    enabled: !hasFilter,
    refetchInterval: LIVE_MS,
  });
  // While an older version's records are still being counted, days would be missing: then it is a list like any other.
  const isPaged = hasFilter || timeline.data?.complete === false;
  const days = useTimeline(store, filter, isPaged ? undefined : timeline.data);
  const pages = usePages(store, filter, isPaged);
  if (isPaged) return pages;
  const onRetry = (): void => void timeline.refetch();
  if (timeline.data === undefined) {
    return { ...days, status: timeline.isError ? 'failed' : 'loading', error: timeline.error, onRetry };
  }
  return { ...days, status: timeline.data.data.length === 0 ? 'empty' : 'shown', error: null, onRetry };
}

type Added = Pick<LibraryState, 'added' | 'onShowAdded'>;

/** The days of the timeline. What is new is shown at once at the top; further down it waits until it is asked for. */
function useTimeline(store: GridStore, filter: GenerationFilter, timeline: Timeline | undefined): Added {
  const queries = useQueryClient();
  const isAtTop = useSyncExternalStore(store.subscribe, () => store.isAtTop());
  const added = useSyncExternalStore(store.subscribe, store.added);
  useEffect(() => {
    if (timeline === undefined) return;
    const changed = store.showDays(timeline.data, isAtTop);
    if (changed.length > 0) void readAgain(queries, store, filter, new Set(changed));
  }, [filter, isAtTop, queries, store, timeline]);
  return { added, onShowAdded: () => store.goToPosition(0) };
}

async function readAgain(
  queries: QueryClient,
  store: GridStore,
  filter: GenerationFilter,
  days: ReadonlySet<string>,
): Promise<void> {
  const changed = store.sections.filter(({ day }) => day !== null && days.has(day));
  await Promise.all(changed.map((section) => queries.invalidateQueries({ queryKey: sectionKey(filter, section) })));
}

/** The pages of a filtered list. Its first page is read again now and then, to see what is new. */
function usePages(store: GridStore, filter: GenerationFilter, isPaged: boolean): LibraryState {
  const queries = useQueryClient();
  const isAtTop = useSyncExternalStore(store.subscribe, () => store.isAtTop());
  useEffect(() => {
    if (isPaged && store.sections.length === 0) store.setSections([FIRST_PAGE]);
  }, [isPaged, store]);
  // The same query as that of the first section.
  const first = useQuery({ ...sectionQuery(filter, FIRST_PAGE), enabled: isPaged });
  const head = useQuery({
    // Among the lists: what is deleted disappears here, too, and does not count as new.
    queryKey: libraryKeys.images(filter, 'head'),
    queryFn: ({ signal }) => reader.imagePage({ ...filter, limit: 50, signal }),
    enabled: isPaged && first.data !== undefined,
    refetchInterval: LIVE_MS,
    staleTime: LIVE_MS,
  });
  const added = isPaged ? countNew(first.data, head.data) : 0;
  useEffect(() => {
    if (added > 0 && isAtTop) void queries.invalidateQueries({ queryKey: sectionKey(filter, FIRST_PAGE) });
  }, [added, filter, isAtTop, queries]);
  const isLoaded = first.data !== undefined;
  const shown = isLoaded && isEmpty(store, first.data) ? 'empty' : 'shown';
  return {
    status: isLoaded ? shown : first.isError ? 'failed' : 'loading',
    error: first.error,
    onRetry: () => void first.refetch(),
    added: isAtTop ? 0 : added,
    onShowAdded: () => store.goToPosition(0),
  };
}

function isEmpty(store: GridStore, page: ImageList): boolean {
  return page.data.length === 0 && !page.has_more && store.sections.length <= 1;
}

/** How many images of the head are newer than the first page. */
function countNew(page: ImageList | undefined, head: ImageList | undefined): number {
  if (page === undefined || head === undefined) return 0;
  const newest = page.data[0]?.created_at ?? '';
  const known = new Set(page.data.map(({ id }) => id));
  return head.data.filter((image) => image.created_at >= newest && !known.has(image.id)).length;
}
