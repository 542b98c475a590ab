import { act, renderHook } from '@testing-library/react';
import { expect, test } from 'vitest';
import { useIsPassing } from './use-passing.ts';

/** A grid that somebody scrolls. */
function paceOf(isFastAtFirst: boolean) {
  let isFast = isFastAtFirst;
  const listeners = new Set<() => void>();
  return {
    isFast: () => isFast,
    subscribe(listener: () => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    set: (next: boolean) =>
      act(() => {
        isFast = next;
        listeners.forEach((listener) => listener());
      }),
    listeners,
  };
}

test('a cell that comes up in a quick scroll is passing until that ends, and is shown from then on', () => {
  const pace = paceOf(true);
  const { result } = renderHook(() => useIsPassing(pace));
  expect(result.current).toBe(true);
  pace.set(false);
  expect(result.current).toBe(false);
  pace.set(true);
  expect(result.current).toBe(false);
  expect(pace.listeners.size).toBe(0);
});

test('a cell that comes up at rest is shown at once', () => {
  expect(renderHook(() => useIsPassing(paceOf(false))).result.current).toBe(false);
});
