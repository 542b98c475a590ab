import { useState, type PointerEvent } from 'react';
import { moveInput } from './inputs.ts';

/** A pointer that moves less than this far has clicked. */
const THRESHOLD_PX = 6;

/** Lets an input be dragged to another place. The others make room while it is dragged. */
export function useDragToReorder(key: string): {
  readonly isDragged: boolean;
  readonly onPointerDown: (event: PointerEvent) => void;
} {
  const [isDragged, setDragged] = useState(false);
  const onPointerDown = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    const { pointerId, clientX, clientY } = event;
    // Not captured by the tile: it is moved within the document, which ends a capture.
    const controller = new AbortController();
    const { signal } = controller;
    let hasMoved = false;
    const onMove = (move: globalThis.PointerEvent): void => {
      if (move.pointerId !== pointerId) return;
      hasMoved ||= Math.hypot(move.clientX - clientX, move.clientY - clientY) > THRESHOLD_PX;
      if (!hasMoved) return;
      setDragged(true);
      const index = indexAt(move.clientX, move.clientY);
      if (index !== null) moveInput(key, index);
    };
    const end = (): void => {
      controller.abort();
      setDragged(false);
    };
    window.addEventListener('pointermove', onMove, { signal });
    window.addEventListener('pointerup', end, { signal });
    window.addEventListener('pointercancel', end, { signal });
  };
  return { isDragged, onPointerDown };
}

/** The index of the tile under the pointer. */
function indexAt(x: number, y: number): number | null {
  const tile = document.elementFromPoint(x, y)?.closest('[data-input]') ?? null;
  const list = tile?.parentElement;
  return tile === null || !list ? null : [...list.children].indexOf(tile);
}
