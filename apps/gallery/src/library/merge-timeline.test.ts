import { expect, test } from 'vitest';
import { mergeTimeline } from './merge-timeline.ts';

const SHOWN = [
  { day: '2026-11-28', images: 3 },
  { day: '2026-11-20', images: 5 },
];

test('at first everything is shown', () => {
  expect(mergeTimeline(null, SHOWN, false)).toEqual({ days: SHOWN, changed: [], added: 0 });
});

test('the same counts change nothing', () => {
  expect(mergeTimeline(SHOWN, structuredClone(SHOWN), true).days).toBe(SHOWN);
});

test('new images are shown where they are awaited, and counted where they would move what is seen', () => {
  const fresh = [{ day: '2026-11-29', images: 2 }, { day: '2026-11-28', images: 4 }, ...SHOWN.slice(1)];
  expect(mergeTimeline(SHOWN, fresh, true)).toEqual({ days: fresh, changed: ['2026-11-29', '2026-11-28'], added: 0 });
  expect(mergeTimeline(SHOWN, fresh, false)).toEqual({ days: SHOWN, changed: [], added: 3 });
});

test('images that are gone disappear at once', () => {
  const fresh = [{ day: '2026-11-28', images: 1 }];
  expect(mergeTimeline(SHOWN, fresh, false)).toEqual({ days: fresh, changed: ['2026-11-28', '2026-11-20'], added: 0 });
});
