import type { GenerationFilter, ImageList } from '@wan-image/core';
import { useQuery } from '@tanstack/react-query';
import { memo, useDeferredValue, useLayoutEffect, useMemo, useSyncExternalStore, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { CellView, type CellActions } from './cell.tsx';
import { useDayName } from './day-name.ts';
import type { GridStore } from './grid-store.ts';
import { sectionQuery } from './read-section.ts';
import { layOut, type Layout, type PlacedHeading, type Section } from './section.ts';
import { useIsSelected } from './selection.ts';
import styles from './grid.module.css';

export interface SectionViewProps {
  readonly store: GridStore;
  readonly filter: GenerationFilter;
  readonly section: Section;
  /** Where it begins, in pixels of the scrolled element. */
  readonly offset: number;
  /** What of it is to be rendered, in pixels of the scrolled element. */
  readonly top: number;
  readonly bottom: number;
  readonly actions: CellActions;
}

/** One section of the grid. It reads its images when it comes near, and renders the rows that are near. */
export const SectionView = memo(function SectionView(props: SectionViewProps): ReactNode {
  const { store, filter, section, offset, top, bottom, actions } = props;
  const isFast = useSyncExternalStore(store.subscribe, store.isFast);
  const query = useQuery({ ...sectionQuery(filter, section), enabled: !isFast });
  // A window of new cells would be one long task: they are rendered piece by piece, and the page stays responsive in between.
  const layout = useLayout(store, section, useDeferredValue(query.data));
  const height = layout?.height ?? store.model.heightOf(section.key);
  if (layout !== null && layout.height === 0) return null;
  return (
    <div className={styles['section']} style={{ transform: `translateY(${offset}px)`, height }}>
      {layout === null ? (
        <Waiting store={store} section={section} error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <Content store={store} layout={layout} top={top - offset} bottom={bottom - offset} actions={actions} />
      )}
    </div>
  );
});

/** Lays out the images of a section, and tells the store, before anything of it is seen. */
function useLayout(store: GridStore, section: Section, page: ImageList | undefined): Layout | null {
  const opened = useSyncExternalStore(store.subscribe, store.opened);
  const { options } = store;
  const layout = useMemo(() => {
    if (page === undefined || options === null) return null;
    const isOpen = section.isOpen || page.has_more;
    return layOut({ continues: section.continues, isOpen }, page.data, store.zone, opened, options);
  }, [page, options, section.continues, section.isOpen, store, opened]);
  useLayoutEffect(() => {
    if (layout === null || page === undefined) return;
    store.setLayout(section.key, layout);
    store.onRead(section, page);
    store.showWanted();
  }, [layout, page, section, store]);
  useLayoutEffect(() => () => store.dropLayout(section.key), [section.key, store]);
  return layout;
}

interface ContentProps {
  readonly store: GridStore;
  readonly layout: Layout;
  readonly top: number;
  readonly bottom: number;
  readonly actions: CellActions;
}

function Content({ store, layout, top, bottom, actions }: ContentProps): ReactNode {
  const active = useSyncExternalStore(store.subscribe, store.active);
  const isNear = (from: number, height: number): boolean => from + height > top && from < bottom;
  const headingHeight = store.options?.headingHeight ?? 0;
  const cells = layout.cells.filter((placed) => isNear(placed.top, placed.height));
  return (
    <>
      {layout.headings
        .filter((heading) => isNear(heading.top, headingHeight))
        .map((heading) => (
          <Heading key={heading.day} store={store} heading={heading} actions={actions} />
        ))}
      <ul className={styles['cells']}>
        {cells.map((placed) => (
          <CellView
            key={placed.cell.image.id}
            placed={placed}
            isActive={placed.cell.images.some(({ id }) => id === active)}
            actions={actions}
          />
        ))}
      </ul>
    </>
  );
}

interface HeadingProps {
  readonly store: GridStore;
  readonly heading: PlacedHeading;
  readonly actions: CellActions;
}

function Heading({ store, heading, actions }: HeadingProps): ReactNode {
  const t = useTranslations('library');
  const nameOf = useDayName(store.zone);
  const isSelected = useIsSelected(heading.images);
  const name = nameOf(heading.day);
  return (
    <div className={styles['heading']} style={{ top: heading.top, height: store.options?.headingHeight }}>
      <h2>{name}</h2>
      <button
        type="button"
        className={styles['selectDay']}
        aria-pressed={isSelected}
        aria-label={t('selectDay', { day: name })}
        title={t('selectDay', { day: name })}
        onClick={() => actions.onSelectDay(heading.day)}
      >
        <Icon name="check" size={16} />
      </button>
    </div>
  );
}

interface WaitingProps {
  readonly store: GridStore;
  readonly section: Section;
  readonly error: unknown;
  readonly onRetry: () => void;
}

/** What stands in the place of a section until its images are read. */
function Waiting({ store, section, error, onRetry }: WaitingProps): ReactNode {
  const t = useTranslations('library');
  const retry = useTranslations('app')('retry');
  const nameOf = useDayName(store.zone);
  const headingHeight = store.options?.headingHeight;
  const hasHeading = section.day !== null && section.continues === null;
  return (
    <>
      {hasHeading && (
        <div className={styles['heading']} style={{ top: 0, height: headingHeight }}>
          <h2>{nameOf(section.day)}</h2>
        </div>
      )}
      {error ? (
        <p role="alert" className={styles['problem']} style={{ top: hasHeading ? headingHeight : 0 }}>
          {t('sectionProblem')} <Button onClick={onRetry}>{retry}</Button>
        </p>
      ) : (
        <div className={styles['blank']} style={{ top: hasHeading ? headingHeight : 0 }} />
      )}
    </>
  );
}
