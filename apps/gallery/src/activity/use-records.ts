import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { GenerationFilter } from '@wan-image/core';
import { ACTIVITY_KEY } from '../api/keys.ts';
import { reader } from '../api/reader.ts';

/** How often the page looks. Nobody looks at a hidden page, and the cache does not read for it. */
const BUSY_MS = 2_000;
const CALM_MS = 6_000;
const SLOW_MS = 15_000;

const MAX_SHOWN = 100;

/** What is waiting or running. */
export function useInProgress() {
  return useQuery({
    queryKey: [...ACTIVITY_KEY, 'in-progress'],
    queryFn: ({ signal }) => reader.page({ state: ['queued', 'running'], limit: MAX_SHOWN, signal }),
    refetchInterval: ({ state }) => ((state.data?.data.length ?? 0) > 0 ? BUSY_MS : CALM_MS),
    staleTime: 0,
  });
}

/** Generations that have ended in some way, newest first. */
export function useEnded(name: string, filter: GenerationFilter) {
  return useInfiniteQuery({
    queryKey: [...ACTIVITY_KEY, name],
    queryFn: ({ pageParam, signal }) =>
      reader.page({ ...filter, limit: 20, signal, ...(pageParam !== null && { cursor: pageParam }) }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next_cursor }) => next_cursor,
    refetchInterval: SLOW_MS,
    staleTime: 0,
  });
}
