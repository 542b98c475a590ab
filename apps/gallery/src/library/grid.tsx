import type { GenerationFilter, ImageListItem } from '@wan-image/core';
import { useEffect, useLayoutEffect, useRef, useSyncExternalStore, type ReactNode, type RefObject } from 'react';
import { useTranslations } from 'use-intl';
import type { CellActions } from './cell.tsx';
import type { GridStore } from './grid-store.ts';
import styles from './grid.module.css';
import { Scrubber } from './scrubber.tsx';
import { SectionView } from './section-view.tsx';
import { useIsSelecting } from './selection.ts';
import { useCellActions } from './use-cell-actions.ts';
import { linkOf } from './link-of.ts';
import { soon } from '../ui/late.ts';

// The first images do not wait for what keys and pointers do. It is on its way before them, so that no key is lost that is pressed at once.
const GridInput = soon(async () => (await import('./grid-input.tsx')).GridInput);

export interface GridProps {
  readonly store: GridStore;
  readonly filter: GenerationFilter;
  /** Called by the key that opens the quick look. */
  readonly onLook: (imageId: string) => void;
  /** Called by the key that deletes. */
  readonly onRemove: (images: readonly ImageListItem[]) => void;
}

/** The images, in rows that fill the width. Of however many there are, only those exist in the document that are near. */
export function Grid({ store, filter, onLook, onRemove }: GridProps): ReactNode {
  const t = useTranslations('library');
  const scroller = useRef<HTMLDivElement>(null);
  const isSelecting = useIsSelecting();
  const actions = useCellActions(store, filter);
  useSize(scroller, store);
  useScroll(scroller, store);
  const isActiveRendered = useSyncExternalStore(store.subscribe, store.isActiveRendered);
  return (
    <div className={styles['grid']} data-selecting={isSelecting}>
      <section
        ref={scroller}
        className={styles['scroller']}
        aria-label={t('images')}
        // The way in for the keyboard, as long as the cell where it was is not rendered.
        tabIndex={isActiveRendered ? -1 : 0}
      >
        <Content store={store} filter={filter} scroller={scroller} actions={actions} />
        <GridInput store={store} filter={filter} scroller={scroller} onLook={onLook} onRemove={onRemove} />
      </section>
      <Scrubber store={store} />
    </div>
  );
}

interface ContentProps {
  readonly store: GridStore;
  readonly filter: GenerationFilter;
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly actions: CellActions;
}

function Content({ store, filter, scroller, actions }: ContentProps): ReactNode {
  const visible = useSyncExternalStore(store.subscribe, store.snapshot);
  useLayoutEffect(() => {
    const shift = store.model.takeShift();
    if (scroller.current !== null && shift !== 0) scroller.current.scrollBy(0, shift);
    const focused = store.takeFocus();
    if (focused !== null) linkOf(focused, scroller.current)?.focus({ preventScroll: true });
  });
  const sections = store.sections.slice(visible.start, visible.end);
  return (
    <div className={styles['content']} style={{ height: visible.contentHeight }}>
      {store.options !== null &&
        sections.map((section, at) => (
          <SectionView
            key={section.key}
            store={store}
            filter={filter}
            section={section}
            offset={store.model.offsetOf(visible.start + at)}
            top={visible.top}
            bottom={visible.bottom}
            actions={actions}
          />
        ))}
    </div>
  );
}

function useScroll(scroller: RefObject<HTMLElement | null>, store: GridStore): void {
  useEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    const onScroll = (event: Event): void => store.onScroll(element.scrollTop, event.timeStamp);
    element.addEventListener('scroll', onScroll, { passive: true });
    return () => element.removeEventListener('scroll', onScroll);
  }, [scroller, store]);
}

const HEADING_HEIGHT = 52;

/** Follows the size of the element. Where the view was before, it is again. */
function useSize(scroller: RefObject<HTMLDivElement | null>, store: GridStore): void {
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    const measure = (): void => {
      const { paddingLeft, paddingRight } = getComputedStyle(element);
      const inset = pixels(paddingLeft);
      const width = element.clientWidth - inset - pixels(paddingRight);
      // Hidden, or about to be removed: nothing can be laid out.
      if (!(width > 0)) return;
      const isSmall = width < 600;
      const rowHeight = isSmall ? 116 : Math.min(340, Math.round(150 + 0.07 * width));
      const options = { width: Math.floor(width), rowHeight, gap: isSmall ? 2 : 4, headingHeight: HEADING_HEIGHT };
      store.setSize(options, element.clientHeight, inset);
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    // The element is new: it is where it was left, at its own top.
    store.attach(element.scrollTop);
    return () => observer.disconnect();
  }, [scroller, store]);
  useEffect(() => () => store.settle(), [store]);
}

function pixels(text: string): number {
  return Number.parseFloat(text) || 0;
}
