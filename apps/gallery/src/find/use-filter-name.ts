import { readTime } from '@wan-image/core';
import { useFormatter, useTranslations } from 'use-intl';
import type { LibrarySearch } from '../filter/library-search.ts';
import type { ActiveFilter } from '../filter/active-filters.ts';
import { daysOf, startOf } from '../filter/days.ts';

/** Characters of an id or a hash that tell it apart for a reader. */
const SHORT = 8;

/** Names the parts of a filter as people say them. */
export function useFilterName(search: LibrarySearch): (filter: ActiveFilter) => string {
  const t = useTranslations('find');
  const dates = useDates(search);
  const names: Partial<Readonly<Record<ActiveFilter['name'], (value: string) => string>>> = {
    state: (value) => t(`states.${value as 'queued'}`),
    outcome: (value) => t(`outcomes.${value as 'billed'}`),
    api_key: (value) => t('apiKey', { id: short(value) }),
    favorite: () => t('favorite'),
    has_input_image: () => t(search.has_input_image === true ? 'withInputs' : 'withoutInputs'),
    created_after: () => dates,
    image_sha256: () => t('file', { hash: short(search.image_sha256) }),
    derived_from: () => t('derived', { id: short(search.derived_from) }),
    seed: () => t('seed', { seed: String(search.seed) }),
    id: () => t('chosen', { count: search.id?.length ?? 0 }),
    user: () => t('user', { user: search.user ?? '' }),
    simulated: () => t(search.simulated === true ? 'simulated' : 'notSimulated'),
    deleted: () => t('bin'),
    metadata: (value) => `${value} = ${search.metadata?.[value] ?? ''}`,
  };
  // A model, a size, a tag and a source are called what they are.
  return ({ name, value }) => names[name]?.(value ?? '') ?? value ?? '';
}

/** The days of a filter; with the time of day where a bound is not midnight. */
function useDates(search: LibrarySearch): string {
  const t = useTranslations('find');
  const format = useFormatter();
  const { from, to } = daysOf(search);
  const time = (day: string | null, bound: string | undefined): string => {
    const moment = bound === undefined ? null : readTime(bound);
    if (day === null || moment === null) return '';
    const isMidnight = new Date(moment).getHours() === 0 && new Date(moment).getMinutes() === 0;
    return isMidnight
      ? format.dateTime(startOf(day), { dateStyle: 'medium' })
      : format.dateTime(new Date(moment), { dateStyle: 'medium', timeStyle: 'short' });
  };
  const first = time(from, search.created_after);
  const last = time(to, search.created_before);
  if (first === '') return t('until', { day: last });
  if (last === '') return t('since', { day: first });
  return first === last ? first : t('range', { from: first, to: last });
}

function short(value: string | undefined): string {
  return (value ?? '').slice(0, SHORT);
}
