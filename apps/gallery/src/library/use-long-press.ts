import { useEffect, type RefObject } from 'react';
import type { GridStore } from './grid-store.ts';
import { selection } from './selection.ts';

const PRESS_MS = 450;
/** A finger is never still. */
const TOLERANCE = 10;

/** A long press on a touch screen selects an image. From then on a tap selects, too. */
export function useLongPress(scroller: RefObject<HTMLElement | null>, store: GridStore): void {
  useEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    const listeners = new AbortController();
    const options = { signal: listeners.signal };
    let press: { readonly timer: ReturnType<typeof setTimeout>; readonly x: number; readonly y: number } | null = null;
    let hasSelected = false;
    const end = (): void => {
      clearTimeout(press?.timer);
      press = null;
    };
    const select = (id: string): void => {
      const images = store.spotOf(id)?.placed.cell.images ?? [];
      hasSelected = true;
      selection.toggle(images);
      if (typeof navigator.vibrate === 'function') navigator.vibrate(10);
    };
    element.addEventListener(
      'pointerdown',
      (event) => {
        end();
        hasSelected = false;
        const id = cellIdOf(event.target);
        if (event.pointerType === 'mouse' || id === null) return;
        press = { timer: setTimeout(() => select(id), PRESS_MS), x: event.clientX, y: event.clientY };
      },
      options,
    );
    element.addEventListener(
      'pointermove',
      ({ clientX, clientY }) => {
        if (press !== null && Math.hypot(clientX - press.x, clientY - press.y) > TOLERANCE) end();
      },
      options,
    );
    for (const name of ['pointerup', 'pointercancel', 'scroll']) element.addEventListener(name, end, options);
    // The press has done its work: neither the menu of the browser nor the click that follows is meant.
    element.addEventListener(
      'contextmenu',
      (event) => (press !== null || hasSelected) && event.preventDefault(),
      options,
    );
    element.addEventListener('click', (event) => suppress(event, hasSelected), { ...options, capture: true });
    return () => {
      end();
      listeners.abort();
    };
  }, [scroller, store]);
}

/** The id of the cell in which something happened. */
function cellIdOf(target: EventTarget | null): string | null {
  if (!(target instanceof Element)) return null;
  return target.closest('[data-cell]')?.getAttribute('data-cell') ?? null;
}

function suppress(event: Event, isMeant: boolean): void {
  if (!isMeant) return;
  event.preventDefault();
  event.stopPropagation();
}
