import type { GenerationFilter, ImageList } from '@wan-image/core';
import { queryOptions } from '@tanstack/react-query';
import { reader } from '../api/reader.ts';
import { libraryKeys } from '../api/keys.ts';
import type { Section } from './section.ts';
import { PAGE_SIZE, SECTION_SIZE } from './sections.ts';

/** A page that ends in the middle of a set is completed, so that the set is one stack. More requests than this are not worth it. */
const MAX_COMPLETIONS = 3;

type Part = Pick<Section, 'range' | 'cursor' | 'day'>;

/** The key of what a section reads. It is the same however long the rest of the list is. */
export function sectionKey(filter: GenerationFilter, { range, cursor }: Part): readonly unknown[] {
  return libraryKeys.images(filter, range.created_after ?? null, range.created_before ?? null, cursor);
}

/** What was read stays in memory for so long after it was scrolled away. */
const KEPT_MS = 5 * 60_000;

/** How often a section is read again while images of it are being stored: nothing tells when one is. */
const PENDING_MS = 5000;

/** How a section is read. */
export function sectionQuery(filter: GenerationFilter, part: Part) {
  return queryOptions({
    queryKey: sectionKey(filter, part),
    queryFn: ({ signal }) => readSection(filter, part, signal),
    // What changes is told: by the counts of the timeline, and by what this page changes itself.
    staleTime: Infinity,
    refetchInterval: ({ state }) => (state.data?.data.some((image) => image.state === 'pending') ? PENDING_MS : false),
    refetchOnWindowFocus: false,
    gcTime: KEPT_MS,
  });
}

/** Reads the images of a section. */
async function readSection(filter: GenerationFilter, part: Part, signal: AbortSignal): Promise<ImageList> {
  const { range, cursor, day } = part;
  const limit = day === null ? PAGE_SIZE : SECTION_SIZE;
  const at = (next: string | null): { readonly cursor?: string } => (next === null ? {} : { cursor: next });
  let page = await reader.imagePage({ ...filter, ...range, ...at(cursor), limit, signal });
  for (let requests = 0; requests < MAX_COMPLETIONS; requests += 1) {
    const missing = missingOfSet(page);
    if (missing === 0) break;
    const more = await reader.imagePage({ ...filter, ...range, ...at(page.next_cursor), limit: missing, signal });
    page = { ...more, data: [...page.data, ...more.data] };
  }
  return page;
}

/** How many images of the last set may be on the next page. */
function missingOfSet(page: ImageList): number {
  const last = page.data.at(-1);
  if (!page.has_more || last === undefined) return 0;
  return Math.max(0, last.set_size - 1 - last.index);
}
