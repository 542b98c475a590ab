import { oneOf, type SearchParams } from '../page/search-params.ts';
import { isDay } from '../filter/days.ts';

export interface StatisticsSearch {
  /** First day, such as `2026-11-01`. */
  readonly from?: string | undefined;
  /** Last day. */
  readonly to?: string | undefined;
  /** Whether it shows what was simulated, or what was not; absent: what there is. */
  readonly simulated?: boolean | undefined;
}

/** Reads the search parameters of `/statistics`. What is no day is dropped. */
export function readStatisticsSearch(search: SearchParams): StatisticsSearch {
  const [from, to] = [search['from'], search['to']].map(oneOf).map((day) => (day && isDay(day) ? day : undefined));
  // A boolean when the page itself has set it, a text when it was read from a URL.
  const simulated = String(search['simulated']);
  return {
    ...(from && { from }),
    ...(to && { to }),
    ...((simulated === 'true' || simulated === 'false') && { simulated: simulated === 'true' }),
  };
}
