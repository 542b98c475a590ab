import { useQuery } from '@tanstack/react-query';
import { normalForm } from '@wan-image/core';
import { useState, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { TAGS_KEY } from '../api/keys.ts';
import { reader } from '../api/reader.ts';
import { valuesOf } from '../filter/active-filters.ts';
import { ChoiceFilter } from './choice-filter.tsx';
import { FilterProblem } from './filter-problem.tsx';
import styles from './filter-menu.module.css';
import { useLibrarySearch } from '../filter/use-library-search.ts';

/** More are found by typing. */
const MAX_SHOWN = 12;

/** The tags of the project, the most used first. An image has to have all that are checked. */
export function TagFilter(): ReactNode {
  const t = useTranslations('find');
  const [search] = useLibrarySearch();
  const [text, setText] = useState('');
  const tags = useQuery({ queryKey: TAGS_KEY, queryFn: ({ signal }) => reader.tags({ signal }) });
  const known = tags.data?.data ?? [];
  const chosen = valuesOf(search, 'tag');
  const found = known.filter(({ tag }) => normalForm(tag).includes(normalForm(text.trim())));
  // Those that are checked stay in sight.
  const shown = found.filter(({ tag }, index) => index < MAX_SHOWN || chosen.includes(tag));
  const others = chosen.filter((tag) => known.every((one) => one.tag !== tag));
  const options = [
    ...others.map((tag) => [tag, tag] as const),
    ...shown.map(({ tag, generations }) => [tag, tag, String(generations)] as const),
  ];
  return (
    <ChoiceFilter name="tag" legend={t('tag')} hint={t('tagsHint')} options={options}>
      {known.length > MAX_SHOWN && (
        <input
          type="search"
          className={styles['input']}
          aria-label={t('findTag')}
          placeholder={t('findTag')}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      )}
      {tags.isSuccess && options.length === 0 && <p className={styles['hint']}>{t('noTags')}</p>}
      {known.length > 0 && found.length === 0 && <p className={styles['hint']}>{t('noSuchTag')}</p>}
      {found.length > shown.length && (
        <p className={styles['hint']}>{t('moreTags', { count: found.length - shown.length })}</p>
      )}
      <FilterProblem error={tags.error} onRetry={() => void tags.refetch()} />
    </ChoiceFilter>
  );
}
