import { useEffect, type ReactNode, type RefObject } from 'react';
import styles from './grid.module.css';
import type { GridStore } from './grid-store.ts';
import { enterGrid, useGridKeys, type GridKeysOptions } from './use-grid-keys.ts';
import { useLongPress } from './use-long-press.ts';
import { useMarquee } from './use-marquee.ts';

/** What keys, a mouse and fingers do in the grid, and the rectangle that is being dragged. */
export function GridInput(options: GridKeysOptions): ReactNode {
  const { store, scroller } = options;
  useGridKeys(options);
  useEntry(scroller, store);
  useLongPress(scroller, store);
  const marquee = useMarquee(scroller, store);
  return marquee !== null && <div className={styles['marquee']} style={marquee} />;
}

/** The focus that comes to the grid goes on to an image. */
function useEntry(scroller: RefObject<HTMLElement | null>, store: GridStore): void {
  useEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    const onFocus = (event: FocusEvent): void => {
      if (event.target === element) enterGrid(store, element);
    };
    element.addEventListener('focus', onFocus);
    return () => element.removeEventListener('focus', onFocus);
  }, [scroller, store]);
}
