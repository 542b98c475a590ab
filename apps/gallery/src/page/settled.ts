import { useSyncExternalStore } from 'react';

/** When a view that shows no image counts as settled. */
const LONGEST_MS = 3000;

const INPUTS = ['pointerdown', 'pointermove', 'keydown'] as const;

let isSettled = false;
let isWaiting = false;
const listeners = new Set<() => void>();

/**
 * Whether the first view is there: an image was loaded, the user does something, or some seconds have passed. What is not part of the first
 * view is loaded then, so that it does not share the connection with it. It is so once for the whole visit.
 */
export function useSettled(): boolean {
  return useSyncExternalStore(subscribe, () => isSettled);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (!isSettled && !isWaiting) wait();
  return () => listeners.delete(listener);
}

function wait(): void {
  isWaiting = true;
  const end = new AbortController();
  const settle = (): void => {
    end.abort();
    clearTimeout(timer);
    isSettled = true;
    listeners.forEach((listener) => listener());
  };
  const timer = setTimeout(settle, LONGEST_MS);
  const onLoad = ({ target }: Event): void => {
    if (target instanceof HTMLImageElement) settle();
  };
  // `load` does not bubble.
  document.addEventListener('load', onLoad, { capture: true, signal: end.signal });
  for (const name of INPUTS) document.addEventListener(name, settle, { passive: true, signal: end.signal });
}
