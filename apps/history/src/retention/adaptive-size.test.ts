import { expect, test } from 'vitest';
import { AdaptiveSize } from './adaptive-size.ts';

const LIMITS = { first: 100, min: 50, max: 300 };

test('a size follows how long the work takes, between its limits and by a factor of two at most', () => {
  const size = new AdaptiveSize(LIMITS);
  const after = (count: number, ms: number): number => {
    size.took(count, ms);
    return size.current;
  };
  expect([after(100, 10), after(200, 80), after(250, 1), after(300, 200), after(150, 5_000)]).toEqual([
    200, 250, 300, 150, 75,
  ]);
  expect([after(75, 5_000), after(50, 5_000)]).toEqual([50, 50]);
});

test('few that were fast say nothing of many', () => {
  const size = new AdaptiveSize(LIMITS);
  size.took(49, 1);
  expect(size.current).toBe(100);
});

test('a failure halves it, also below the minimum, from where it grows again', () => {
  const size = new AdaptiveSize(LIMITS);
  const sizes = [90, 45, 22, 11, 5, 2, 1].map((count) => {
    size.failed(count);
    return size.current;
  });
  expect(sizes).toEqual([45, 22, 11, 5, 2, 1, 1]);
  size.took(1, 5_000);
  expect(size.current).toBe(1);
  for (const grown of [2, 4, 8, 16, 32, 64]) {
    size.took(size.current, 1);
    expect(size.current).toBe(grown);
  }
});
