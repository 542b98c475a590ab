import type { GenerationRecord, ImageRecord } from '@wan-image/core';
import { useShortcuts } from '../page/shortcuts.ts';
import { useMay } from '../api/service.ts';
import { FIT } from './camera.ts';
import type { CameraStore } from './camera-store.ts';
import { isBinned } from './bin-notice.tsx';
import type { ViewerControls } from './actions.ts';
import { panBy, zoomIn, zoomOut, zoomToPixels } from './zoom.ts';

/** The keys of the viewer. What costs money or deletes happens once for a key that is held, as {@link useShortcuts} has it. */
export function useViewerKeys(
  store: CameraStore,
  controls: ViewerControls,
  record: GenerationRecord,
  image: ImageRecord,
): void {
  const mayManage = useMay('manage');
  const mayGenerate = useMay('generate');
  const when = (isAllowed: boolean, action: (event: KeyboardEvent) => void) => (event: KeyboardEvent) => {
    if (isAllowed) action(event);
  };
  // In an image that is larger than its window, arrows move it.
  const arrow = (x: number, y: number) => () => {
    if (!panBy(store, { x, y }) && x !== 0) controls.step(x < 0 ? 1 : -1);
  };
  const remove = when(mayManage, () => (isBinned(record, image) ? controls.askPurge() : controls.remove()));
  useShortcuts({
    ArrowLeft: arrow(1, 0),
    ArrowRight: arrow(-1, 0),
    ArrowUp: arrow(0, 1),
    ArrowDown: arrow(0, -1),
    PageUp: () => controls.step(-1),
    PageDown: () => controls.step(1),
    '+': () => zoomIn(store),
    '=': () => zoomIn(store),
    '-': () => zoomOut(store),
    0: () => store.set(FIT),
    1: () => zoomToPixels(store),
    f: when(mayManage, controls.toggleFavorite),
    i: controls.toggleFacts,
    r: when(mayGenerate, ({ shiftKey }) => controls.rerun(shiftKey ? 'same' : 'another')),
    v: when(mayGenerate, controls.vary),
    e: when(mayGenerate && image.state === 'stored', controls.edit),
    u: when(mayGenerate, controls.use),
    c: controls.compare,
    l: controls.showLineage,
    Delete: remove,
    Backspace: remove,
    Escape: controls.close,
  });
}
