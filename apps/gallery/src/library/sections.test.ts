import type { ImageList, ImageListItem } from '@wan-image/core';
import { expect, test } from 'vitest';
import { fixedZone } from './days.ts';
import { FIRST_PAGE, sectionsOfTimeline, withRest } from './sections.ts';

const zone = fixedZone(8);
const NOW = Date.parse('2026-11-28T12:00:00Z');

function page(cursor: string | null, ...times: readonly string[]): ImageList {
  const data = times.map((created_at) => ({ created_at }) as ImageListItem);
  return { object: 'list', data, has_more: cursor !== null, next_cursor: cursor };
}

test('a day is a section with the time between two midnights', () => {
  expect(sectionsOfTimeline([{ day: '2026-11-27', images: 30 }], zone, NOW)).toEqual([
    {
      key: '2026-11-27',
      count: 30,
      range: { created_after: '2026-11-26T16:00:00.000Z', created_before: '2026-11-27T16:00:00.000Z' },
      cursor: null,
      day: '2026-11-27',
      continues: null,
      isOpen: false,
    },
  ]);
});

test('a long day is divided into slices without a gap or an overlap, under one heading', () => {
  const slices = sectionsOfTimeline([{ day: '2026-11-27', images: 50_000 }], zone, NOW);
  expect(slices).toHaveLength(50);
  expect(slices.map(({ continues }) => continues)).toEqual([null, ...Array.from({ length: 49 }, () => '2026-11-27')]);
  expect(slices[0]?.range.created_before).toBe('2026-11-27T16:00:00.000Z');
  expect(slices.at(-1)?.range.created_after).toBe('2026-11-26T16:00:00.000Z');
  for (const [at, slice] of slices.entries()) {
    const next = slices[at + 1];
    if (next !== undefined) expect(next.range.created_before).toBe(slice.range.created_after);
  }
  expect(slices.at(-1)?.isOpen).toBe(false);
  expect(slices[0]?.isOpen).toBe(true);
});

test('today is divided up to now, and still includes what is to come', () => {
  const slices = sectionsOfTimeline([{ day: '2026-11-28', images: 3000 }], zone, NOW);
  expect(slices[0]?.range.created_before).toBe('2026-11-28T16:00:00.000Z');
  expect(Date.parse(slices[0]?.range.created_after ?? '')).toBeLessThan(NOW);
});

test('today keeps its slices from one look for new images to the next', () => {
  const rangesAt = (now: number) =>
    sectionsOfTimeline([{ day: '2026-11-28', images: 3000 }], zone, now).map(({ range }) => range);
  const before = rangesAt(NOW + 60_000);
  expect(before).toHaveLength(3);
  expect(rangesAt(NOW + 75_000)).toEqual(before);
});

test('a slice that has more than was guessed is followed by its rest, which goes when there is none', () => {
  const days = sectionsOfTimeline(
    [
      { day: '2026-11-28', images: 2 },
      { day: '2026-11-27', images: 1 },
    ],
    zone,
    NOW,
  );
  const [today, yesterday] = days;
  if (today === undefined || yesterday === undefined) throw new Error('two days are expected');
  const first = page('next', '2026-11-28T01:00:00Z');
  const longer = withRest(days, today, first, zone);
  expect(longer.map(({ key }) => key)).toEqual(['2026-11-28', '2026-11-28+1', '2026-11-27']);
  expect(longer[1]).toMatchObject({ cursor: 'next', continues: '2026-11-28', range: today.range });
  expect(withRest(longer, today, first, zone)).toBe(longer);
  expect(withRest(longer, today, page(null), zone)).toEqual(days);
});

test('a filtered list grows by its pages, and each knows the day that goes on', () => {
  const one = withRest([FIRST_PAGE], FIRST_PAGE, page('a', '2026-11-28T01:00:00Z', '2026-11-27T01:00:00Z'), zone);
  expect(one.map(({ key, cursor, continues }) => [key, cursor, continues])).toEqual([
    ['page', null, null],
    ['page+1', 'a', '2026-11-27'],
  ]);
  const second = one[1];
  if (second === undefined) throw new Error('a second page is expected');
  const two = withRest(one, second, page('b', '2026-11-26T01:00:00Z'), zone);
  expect(two.map(({ key }) => key)).toEqual(['page', 'page+1', 'page+2']);
  expect(withRest(two, FIRST_PAGE, page('other', '2026-11-28T02:00:00Z'), zone).map(({ cursor }) => cursor)).toEqual([
    null,
    'other',
  ]);
});
