import type { ImageListItem } from '@wan-image/core';
import { useRouter } from '@tanstack/react-router';
import { Suspense, useEffect, useMemo, useState, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { stringifySearchParams } from '../page/search-params.ts';
import { useSettled } from '../page/settled.ts';
import { whenIdle } from '../page/when-idle.ts';
import { FilterBar } from '../find/filter-bar.tsx';
import { useResultView } from '../filter/result-view.ts';
import { useLibrarySearch } from '../filter/use-library-search.ts';
import { Button } from '../ui/button.tsx';
import { ProblemMessage } from '../ui/message.tsx';
import { EmptyLibrary } from './empty-library.tsx';
import { Grid } from './grid.tsx';
import styles from './library-page.module.css';
import type { LibrarySearch } from '../filter/library-search.ts';
import { selection, useIsSelecting } from './selection.ts';
import { savePosition, storeOf } from './stores.ts';
import { useRemoval } from './use-removal.ts';
import { useSections, type LibraryState } from './use-sections.ts';
import { late } from '../ui/late.ts';

const ResultList = late(async () => (await import('../find/result-list.tsx')).ResultList);
const SelectionBar = late(async () => (await import('./selection-bar.tsx')).SelectionBar);
const QuickLook = late(async () => (await import('./quick-look.tsx')).QuickLook);
const PurgeDialog = late(async () => (await import('./purge-dialog.tsx')).PurgeDialog);

export { readFirst } from './first-read.ts';

export function LibraryPage(): ReactNode {
  const t = useTranslations('app');
  const [search] = useLibrarySearch();
  const view = useResultView(search);
  usePreloadedViewer();
  return (
    <div className={styles['page']}>
      <h1 className="visually-hidden">{search.deleted === true ? t('bin') : t('library')}</h1>
      <FilterBar />
      {view === 'list' ? (
        <Suspense>
          <ResultList />
        </Suspense>
      ) : (
        <Library key={stringifySearchParams({ ...search })} search={search} />
      )}
    </div>
  );
}

/** What most visitors open next is loaded while the page has nothing else to do, so that an image opens at once. */
function usePreloadedViewer(): void {
  const router = useRouter();
  const isSettled = useSettled();
  useEffect(() => {
    if (!isSettled) return undefined;
    // What cannot be loaded now is asked for again when it is needed.
    return whenIdle(() => void router.loadRouteChunk(router.routesByPath['/view/$imageId'])?.catch(() => undefined));
  }, [router, isSettled]);
}

/** One list of images: another filter is another one. */
function Library({ search }: { readonly search: LibrarySearch }): ReactNode {
  const store = useMemo(() => storeOf(search), [search]);
  const state = useSections(store, search);
  const [looked, setLooked] = useState<string | null>(null);
  const removal = useRemoval(store, search);
  useSavedPosition(search);
  if (state.status === 'failed') return <ProblemMessage error={state.error} onRetry={state.onRetry} />;
  if (state.status === 'empty') return <EmptyLibrary search={search} />;
  return (
    <>
      <Added state={state} />
      <Grid store={store} filter={search} onLook={setLooked} onRemove={removal.remove} />
      <Suspense>
        {looked !== null && (
          <QuickLook
            store={store}
            filter={search}
            imageId={looked}
            onChange={setLooked}
            onClose={() => setLooked(null)}
          />
        )}
      </Suspense>
      <Suspense>{removal.asked !== null && <PurgeDialog images={removal.asked} onClose={removal.onEnd} />}</Suspense>
      <Bar search={search} onRemove={removal.remove} />
    </>
  );
}

interface BarProps {
  readonly search: LibrarySearch;
  readonly onRemove: (images: readonly ImageListItem[]) => void;
}

function Bar({ search, onRemove }: BarProps): ReactNode {
  const isSelecting = useIsSelecting();
  return <Suspense>{isSelecting && <SelectionBar search={search} onRemove={onRemove} />}</Suspense>;
}

/** Says that there is something new, without moving what is seen. */
function Added({ state }: { readonly state: LibraryState }): ReactNode {
  const t = useTranslations('library');
  return (
    <div className={styles['added']} aria-live="polite">
      {state.added > 0 && (
        <Button className={styles['pill']} onClick={state.onShowAdded}>
          {t('added', { count: state.added })}
        </Button>
      )}
    </div>
  );
}

/** The place is remembered when the page is left, in whichever way. A selection belongs to one list. */
function useSavedPosition(search: LibrarySearch): void {
  useEffect(() => {
    const save = (): void => savePosition(search);
    addEventListener('pagehide', save);
    return () => {
      removeEventListener('pagehide', save);
      save();
      selection.clear();
    };
  }, [search]);
}
