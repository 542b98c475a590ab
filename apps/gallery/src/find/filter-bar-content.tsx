import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Suspense, useState, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { libraryKeys } from '../api/keys.ts';
import { reader } from '../api/reader.ts';
import type { LibrarySearch } from '../filter/library-search.ts';
import { Button, IconButton, type ButtonProps } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { activeFilters, cleared, withoutFilter } from '../filter/active-filters.ts';
import styles from './filter-bar-content.module.css';
import { canChooseView, RESULT_VIEWS, resultViewPreference, useResultView } from '../filter/result-view.ts';
import { useFilterName } from './use-filter-name.ts';
import { useLibrarySearch } from '../filter/use-library-search.ts';
import { late } from '../ui/late.ts';

const FilterMenu = late(async () => (await import('./filter-menu.tsx')).FilterMenu);

/** The filters of the library: those that are active, what adds others, and how much they find. */
export function FilterBarContent(): ReactNode {
  const t = useTranslations('find');
  const [search, change] = useLibrarySearch();
  const filters = activeFilters(search);
  const nameOf = useFilterName(search);
  return (
    <div className={styles['bar']}>
      <div className={styles['filters']}>
        <Filters count={filters.length} />
        {filters.length > 0 && (
          <ul aria-label={t('active')} className={styles['chips']}>
            {filters.map((filter) => (
              <li key={filter.key} className={styles['chip']}>
                <span className={styles['name']}>{nameOf(filter)}</span>
                <IconButton
                  label={t('remove', { name: nameOf(filter) })}
                  className={styles['remove']}
                  onClick={() => change(withoutFilter(search, filter))}
                >
                  <Icon name="close" size={14} />
                </IconButton>
              </li>
            ))}
          </ul>
        )}
        {filters.length > 1 && (
          <Button look="plain" className={styles['clear']} onClick={() => change(cleared(search))}>
            {t('clearAll')}
          </Button>
        )}
      </div>
      <Found search={search} />
    </div>
  );
}

/** Opens the menu of filters. Its file is loaded when it is asked for. */
function Filters({ count }: { readonly count: number }): ReactNode {
  const [isAsked, setIsAsked] = useState(false);
  const [isOpen, setIsOpen] = useState(false);
  const open = (): void => {
    setIsAsked(true);
    setIsOpen(true);
  };
  const closed = <FilterButton count={count} aria-haspopup="dialog" aria-expanded={false} onClick={open} />;
  if (!isAsked) return closed;
  return (
    <Suspense fallback={closed}>
      <FilterMenu isOpen={isOpen} onOpenChange={setIsOpen} trigger={<FilterButton count={count} />} />
    </Suspense>
  );
}

function FilterButton({ count, ...props }: ButtonProps & { readonly count: number }): ReactNode {
  const t = useTranslations('find');
  return (
    <Button {...props} className={styles['open']}>
      <Icon name="filter" size={18} />
      {t('filters')}
      {count > 0 && (
        <>
          {' '}
          <span className={styles['count']}>{count}</span>
          <span className="visually-hidden"> {t('areActive', { count })}</span>
        </>
      )}
    </Button>
  );
}

/** How much is found, and how it is shown. */
function Found({ search }: { readonly search: LibrarySearch }): ReactNode {
  const t = useTranslations('find');
  const view = useResultView(search);
  const isFiltered = Object.keys(search).length > 0;
  const { data } = useQuery({
    queryKey: [...libraryKeys.all, 'count', view, search],
    queryFn: ({ signal }) => countOf(view, search, signal),
    enabled: isFiltered,
    placeholderData: keepPreviousData,
  });
  if (!isFiltered) return null;
  return (
    <div className={styles['found']}>
      <p role="status" className={styles['amount']}>
        {data?.count &&
          (data.count.capped
            ? t('many', { kind: view === 'grid' ? 'images' : 'generations', limit: String(data.count.value) })
            : t(view === 'grid' ? 'images' : 'generations', { count: data.count.value }))}
      </p>
      {canChooseView(search) && <ViewChoice search={search} />}
      {data?.search?.complete === false && (
        <p role="status" className={styles['indexing']}>
          {t('indexing', { percent: data.search.indexed })}
        </p>
      )}
    </div>
  );
}

/** Of the images that the grid shows, or of the generations of the list. */
async function countOf(view: 'grid' | 'list', search: LibrarySearch, signal: AbortSignal) {
  const options = { ...search, limit: 1, count: true, signal };
  const { count, search: progress } = await (view === 'grid' ? reader.imagePage(options) : reader.page(options));
  return { count, search: progress };
}

function ViewChoice({ search }: { readonly search: LibrarySearch }): ReactNode {
  const t = useTranslations('find');
  const view = useResultView(search);
  return (
    <div role="group" aria-label={t('show')} className={styles['views']}>
      {RESULT_VIEWS.map((one) => (
        <IconButton key={one} label={t(one)} aria-pressed={one === view} onClick={() => resultViewPreference.set(one)}>
          <Icon name={one === 'grid' ? 'library' : 'list'} size={18} />
        </IconButton>
      ))}
    </div>
  );
}
