import type { GenerationFilter, ImageList, ImageListItem } from '@wan-image/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { libraryKeys } from '../api/keys.ts';
import { reader } from '../api/reader.ts';
import { neighborsOf, type Neighbors, type Position } from './neighbors.ts';

/** Images read in each direction: enough to step fast while the next ones arrive. */
const AROUND = 24;

const HOUR_MS = 3_600_000;

export interface Around extends Neighbors<ImageListItem> {
  /** The images that were read, among them those of the generation itself. */
  readonly images: readonly ImageListItem[];
}

/** The images before and after one in the library with this filter. Undefined until its generation is known. */
export function useNeighbors(filter: GenerationFilter, place: Position | undefined): Around {
  const older = useAround(filter, place, 'older');
  const newer = useAround(filter, place, 'newer');
  const images = [...new Map([...newer, ...older].map((image) => [image.id, image])).values()];
  return { images, ...(place === undefined ? NOBODY : neighborsOf(images, place)) };
}

const NOBODY = { previous: null, next: null } as const;

function useAround(
  filter: GenerationFilter,
  place: Position | undefined,
  direction: 'older' | 'newer',
): readonly ImageListItem[] {
  const { data } = useQuery({
    queryKey: libraryKeys.images(filter, 'around', place?.generation_id ?? null, direction),
    queryFn: ({ signal }) => readAround(filter, place?.created_at ?? '', direction, signal),
    enabled: place !== undefined,
    // Those around the previous image are around this one too, so that a step waits for nothing.
    placeholderData: keepPreviousData,
  });
  return data?.data ?? [];
}

async function readAround(
  filter: GenerationFilter,
  createdAt: string,
  direction: 'older' | 'newer',
  signal: AbortSignal,
): Promise<ImageList> {
  const time = Date.parse(createdAt);
  if (direction === 'older') {
    const before = earliest(filter.created_before, time + 1);
    return reader.imagePage({ ...filter, created_before: before, limit: AROUND, signal });
  }
  const after = latest(filter.created_after, time);
  if (filter.q === undefined)
    return reader.imagePage({ ...filter, created_after: after, order: 'asc', limit: AROUND, signal });
  return readNewerMatches({ ...filter, created_after: after }, time, signal);
}

/**
 * A search is newest first and has no other order, so what is a little newer is looked for in times of growing length: each is far longer
 * than the one before, and one with too many matches is cut.
 */
async function readNewerMatches(filter: GenerationFilter, time: number, signal: AbortSignal): Promise<ImageList> {
  const end = filter.created_before === undefined ? Date.now() + HOUR_MS : Date.parse(filter.created_before);
  let length = HOUR_MS;
  for (;;) {
    const until = Math.min(time + length, end);
    const list = await reader.imagePage({
      ...filter,
      created_before: new Date(Math.max(until, time + 1)).toISOString(),
      limit: 1000,
      signal,
    });
    if (list.has_more && length > 1) length = Math.ceil(length / 16);
    else if (list.data.some(({ created_at }) => Date.parse(created_at) > time) || until >= end) return list;
    else length *= 8;
  }
}

function earliest(limit: string | undefined, time: number): string {
  return new Date(limit === undefined ? time : Math.min(time, Date.parse(limit))).toISOString();
}

function latest(limit: string | undefined, time: number): string {
  return new Date(limit === undefined ? time : Math.max(time, Date.parse(limit))).toISOString();
}
