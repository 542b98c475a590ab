import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { client } from '../api/client.ts';
import { valuesOf } from '../filter/active-filters.ts';
import { ChoiceFilter } from './choice-filter.tsx';
import { FilterProblem } from './filter-problem.tsx';
import styles from './filter-menu.module.css';
import { useLibrarySearch } from '../filter/use-library-search.ts';

/** The first day that a history can have: before it, there was no service. */
const EVER = '2023-01-01';

/** How the statistics call all but the 50 most used, which is no source. */
const REST = 'other';

/** The clients that sent requests, as the statistics know them. */
export function SourceFilter(): ReactNode {
  const t = useTranslations('find');
  const [search] = useLibrarySearch();
  const sources = useQuery({
    queryKey: ['sources'],
    queryFn: async ({ signal }) => {
      const { data } = await client.stats({ from: EVER, group_by: ['source'], signal });
      // Each may have two rows: what was simulated has its own.
      return [...new Set(data.map(({ source = REST }) => source))].filter((source) => source !== REST);
    },
  });
  const names = [...new Set([...valuesOf(search, 'source'), ...(sources.data ?? [])])];
  return (
    <ChoiceFilter
      name="source"
      legend={t('source')}
      hint={t('sourceHint')}
      options={names.map((source) => [source, source])}
    >
      {sources.isSuccess && names.length === 0 && <p className={styles['hint']}>{t('noSources')}</p>}
      <FilterProblem error={sources.error} onRetry={() => void sources.refetch()} />
    </ChoiceFilter>
  );
}
