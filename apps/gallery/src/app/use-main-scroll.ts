import { useRouter, type ParsedLocation } from '@tanstack/react-router';
import { useEffect, type RefObject } from 'react';

/** What the user does when they scroll themselves. */
const INPUTS = ['wheel', 'touchmove', 'pointerdown', 'keydown'] as const;

/**
 * Begins each view at its top, and shows one to which somebody goes back where it was. The library, which scrolls inside itself, keeps its own
 * position.
 */
export function useMainScroll(main: RefObject<HTMLElement | null>): void {
  const router = useRouter();
  useEffect(() => {
    /** By entries of the history. */
    const positions = new Map<string, number>();
    let pending: AbortController | null = null;
    const ends = [
      router.subscribe('onBeforeLoad', ({ fromLocation }) => {
        if (fromLocation && main.current) positions.set(keyOf(fromLocation), main.current.scrollTop);
      }),
      router.subscribe('onRendered', ({ toLocation, pathChanged }) => {
        if (!pathChanged || main.current === null) return;
        pending?.abort();
        pending = new AbortController();
        scrollTo(main.current, positions.get(keyOf(toLocation)) ?? 0, pending);
      }),
    ];
    return () => {
      pending?.abort();
      for (const end of ends) end();
    };
  }, [main, router]);
}

/** Scrolls to a position, as soon as the view is high enough: what it shows may have to be read first. The user's own scrolling comes first. */
function scrollTo(main: HTMLElement, position: number, pending: AbortController): void {
  main.scrollTop = position;
  const isThere = (): boolean => Math.abs(main.scrollTop - position) <= 1;
  if (isThere()) return;
  const observer = new MutationObserver(() => {
    main.scrollTop = position;
    if (isThere()) pending.abort();
  });
  observer.observe(main, { childList: true, subtree: true });
  const { signal } = pending;
  signal.addEventListener('abort', () => observer.disconnect(), { once: true });
  for (const name of INPUTS) addEventListener(name, () => pending.abort(), { passive: true, signal });
}

function keyOf({ state, href }: ParsedLocation): string {
  return state.__TSR_key ?? href;
}
