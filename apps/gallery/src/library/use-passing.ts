import { startTransition, useEffect, useState } from 'react';
import type { GridStore } from './grid-store.ts';

/** How quickly the grid is scrolled. */
export type Pace = Pick<GridStore, 'subscribe' | 'isFast'>;

/**
 * Whether a cell that came up in a fast scroll is still passing: it would be gone before its image arrived, and hundreds of images that nobody
 * sees are what makes such a scroll stutter. Once shown, it stays.
 */
export function useIsPassing(pace: Pace): boolean {
  const [isPassing, setPassing] = useState(pace.isFast);
  useEffect(() => {
    if (!isPassing) return undefined;
    const look = (): void => {
      // Dozens of cells at once: the page stays responsive in between.
      if (!pace.isFast()) startTransition(() => setPassing(false));
    };
    look();
    return pace.subscribe(look);
  }, [isPassing, pace]);
  return isPassing;
}
