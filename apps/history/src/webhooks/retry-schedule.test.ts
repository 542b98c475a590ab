import { expect, test } from 'vitest';
import { pauseAfter } from './retry-schedule.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

test('ten tries are spread over three days', () => {
  const pauses = Array.from({ length: 10 }, (_, index) => pauseAfter(index + 1, null, 0));
  const hours = [2, 5, 10, 14, 20, 24].map((number) => number * HOUR);
  expect(pauses).toEqual([5_000, 5 * MINUTE, 30 * MINUTE, ...hours, null]);
});

test('up to a tenth is added', () => {
  expect(pauseAfter(1, null, 0.5)).toBe(5_250);
  expect(pauseAfter(2, null, 0.999)).toBeLessThan(5.5 * MINUTE);
});

test('an endpoint may ask for more, up to a day, and not for less', () => {
  expect(pauseAfter(1, 60_000, 1)).toBe(60_000);
  expect(pauseAfter(2, 1_000, 0)).toBe(5 * MINUTE);
  expect(pauseAfter(1, 100 * HOUR, 0)).toBe(24 * HOUR);
  expect(pauseAfter(10, 1_000, 0)).toBeNull();
});
