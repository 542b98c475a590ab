import { useShortcuts } from '../page/shortcuts.ts';
import type { CameraStore } from './camera-store.ts';
import { FIT } from './camera.ts';
import { panBy, zoomIn, zoomOut, zoomToPixels } from './zoom.ts';

/** The keys of a comparison. */
export function useCompareKeys(store: CameraStore, close: () => void): void {
  const move = (x: number, y: number) => () => void panBy(store, { x, y });
  useShortcuts({
    ArrowLeft: move(1, 0),
    ArrowRight: move(-1, 0),
    ArrowUp: move(0, 1),
    ArrowDown: move(0, -1),
    '+': () => zoomIn(store),
    '=': () => zoomIn(store),
    '-': () => zoomOut(store),
    0: () => store.set(FIT),
    1: () => zoomToPixels(store),
    Escape: close,
  });
}
