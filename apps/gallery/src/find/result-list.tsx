import { useInfiniteQuery } from '@tanstack/react-query';
import type { GenerationRecord } from '@wan-image/core';
import { useEffect, useRef, type KeyboardEvent, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { libraryKeys } from '../api/keys.ts';
import { reader } from '../api/reader.ts';
import { Button } from '../ui/button.tsx';
import { Loading, Message, ProblemMessage } from '../ui/message.tsx';
import styles from './result-list.module.css';
import { Result } from './result.tsx';
import { useLibrarySearch } from '../filter/use-library-search.ts';

/** Records have about 3 KB each. */
const PAGE = 30;

/** How far below the last row the next page is asked for, so that nobody waits for it. */
const AHEAD = '800px';

/** What the filter of the URL finds, generation by generation, with its matches. More is loaded while one scrolls. */
export function ResultList(): ReactNode {
  const t = useTranslations('find');
  const [search] = useLibrarySearch();
  const results = useInfiniteQuery({
    queryKey: libraryKeys.generations(search),
    queryFn: ({ pageParam, signal }) =>
      reader.page({ ...search, limit: PAGE, signal, ...(pageParam !== null && { cursor: pageParam }) }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next_cursor }) => next_cursor,
  });
  if (results.isPending) return <Loading />;
  if (results.data === undefined)
    return <ProblemMessage error={results.error} onRetry={() => void results.refetch()} />;
  const records = results.data.pages.flatMap(({ data }) => data);
  if (records.length === 0) return <Message title={t('nothing')} detail={t('nothingHint')} />;
  return (
    <div className={styles['results']}>
      <Rows records={records} search={search} />
      {results.isFetchNextPageError ? (
        <ProblemMessage error={results.error} onRetry={() => void results.fetchNextPage()} />
      ) : (
        results.hasNextPage && (
          <Next
            key={records.length}
            isLoading={results.isFetchingNextPage}
            onNext={() => void results.fetchNextPage()}
          />
        )
      )}
    </div>
  );
}

interface RowsProps {
  readonly records: readonly GenerationRecord[];
  readonly search: ReturnType<typeof useLibrarySearch>[0];
}

function Rows({ records, search }: RowsProps): ReactNode {
  const t = useTranslations('find');
  return (
    // The keys of the links within it, which remain links.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <ul aria-label={t('results')} className={styles['list']} onKeyDown={moveFocus}>
      {records.map((record) => (
        <li key={record.id} className={styles['row']}>
          <Result record={record} search={search} />
        </li>
      ))}
    </ul>
  );
}

/** The arrow keys go from row to row, as they go from image to image in the grid. */
function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
  const links = [...event.currentTarget.querySelectorAll('a')];
  const next = links[links.findIndex((link) => link === document.activeElement) + step];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
}

/** Asks for the next page when it comes near; a button for whoever does not scroll. */
function Next({ isLoading, onNext }: { readonly isLoading: boolean; readonly onNext: () => void }): ReactNode {
  const t = useTranslations('find');
  const element = useRef<HTMLDivElement>(null);
  const next = useRef(onNext);
  useEffect(() => {
    next.current = onNext;
  }, [onNext]);
  useEffect(() => {
    if (element.current === null) return undefined;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting === true && next.current(), {
      rootMargin: AHEAD,
    });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return (
    <div ref={element} className={styles['next']}>
      <Button onClick={onNext} disabled={isLoading}>
        {t('more')}
      </Button>
    </div>
  );
}
