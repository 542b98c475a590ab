import type { GenerationRecord, SearchMatch } from '@wan-image/core';
import { queryOptions, useQuery, type UseQueryResult } from '@tanstack/react-query';
import { generationKey } from '../api/keys.ts';
import { reader } from '../api/reader.ts';
import { isChanging } from '../generations/state.ts';

/** How often a record is read again that is not complete yet. */
const CHANGING_MS = 4000;

/** The record of a generation. */
export function recordQuery(id: string) {
  return queryOptions<GenerationRecord>({
    queryKey: generationKey(id),
    queryFn: ({ signal }) => reader.get(id, { signal }),
  });
}

/**
 * The record of a generation, read again while it or one of its images is not complete. With `keepsPrevious`, the record of the previous
 * id stays until that of the next one has arrived.
 */
export function useRecord(id: string, keepsPrevious = false): UseQueryResult<GenerationRecord> {
  return useQuery({
    queryKey: generationKey(id),
    queryFn: ({ signal }: { readonly signal: AbortSignal }) => reader.get(id, { signal }),
    ...(keepsPrevious && { placeholderData: (previous: GenerationRecord | undefined) => previous }),
    refetchInterval: ({ state }) => (state.data !== undefined && isChanging(state.data) ? CHANGING_MS : false),
  });
}

/** Where the words of a search stand in a record; none without a search. */
export function useMatches(id: string, q: string | undefined): readonly SearchMatch[] {
  const { data } = useQuery({
    queryKey: [...generationKey(id), 'matches', q],
    queryFn: async ({ signal }) => (await reader.page({ q, id: [id], limit: 1, signal })).data[0]?.matches ?? [],
    enabled: q !== undefined,
  });
  return data ?? [];
}
