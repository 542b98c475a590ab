import { queryOptions, type QueryClient } from '@tanstack/react-query';
import { libraryKeys } from '../api/keys.ts';
import { reader } from '../api/reader.ts';
import { sectionQuery } from './read-section.ts';
import { sectionsOfTimeline } from './sections.ts';
import { storeOf } from './stores.ts';

/** How many images each day has. */
export function timelineQuery(tz: string) {
  return queryOptions({
    queryKey: libraryKeys.timeline(tz),
    queryFn: ({ signal }) => reader.timeline({ tz, signal }),
    // Whoever comes back sees what is new. What was just read for the view that opens is not read again by it.
    staleTime: 2000,
  });
}

/** Reads what the unfiltered library shows first, while the page does not know yet who the user is and has nothing on its screen. */
export async function readFirst(queries: QueryClient): Promise<void> {
  const store = storeOf({});
  await queries.prefetchQuery(timelineQuery(store.zone.tz));
  const timeline = queries.getQueryData(timelineQuery(store.zone.tz).queryKey);
  if (timeline?.complete !== true || store.isRestored()) return;
  const [first] = sectionsOfTimeline(timeline.data, store.zone, Date.now());
  if (first !== undefined) await queries.prefetchQuery(sectionQuery({}, first));
}
