import type { ImageListItem } from '@wan-image/core';
import { QueryClient } from '@tanstack/react-query';
import { expect, test } from 'vitest';
import { fixedZone } from './days.ts';
import { GridStore } from './grid-store.ts';
import { imagesBetween, imagesOfDay } from './range.ts';
import { sectionKey } from './read-section.ts';
import { FIRST_PAGE, SECTION_SIZE } from './sections.ts';

const DAY = '2025-11-27';
const FILTER = {};

const imageAt = (number: number, day: string): ImageListItem =>
  ({
    id: `${number}-0`,
    generation_id: String(number),
    set_size: 1,
    created_at: `${day}T12:00:00.000Z`,
  }) as ImageListItem;

/** A list whose pages are all in memory, of which the store knows only what was scrolled to. */
function listOf(images: readonly ImageListItem[], isTimeline: boolean) {
  const queries = new QueryClient();
  const store = new GridStore(fixedZone(0));
  if (isTimeline) {
    const days = [...Map.groupBy(images, ({ created_at }) => created_at.slice(0, 10))];
    // Of the day, the timeline says too little: it is read in pages that follow each other.
    store.showDays(
      days.map(([day]) => ({ day, images: 1 })),
      true,
    );
    for (const section of store.sections)
      put(
        section,
        images.filter(({ created_at }) => created_at.startsWith(section.key)),
      );
  } else {
    store.setSections([FIRST_PAGE]);
    put(FIRST_PAGE, images);
  }
  return { store, queries, filter: FILTER };

  function put(section: (typeof store.sections)[number], all: readonly ImageListItem[]): void {
    for (let start = 0; start === 0 || start < all.length; start += SECTION_SIZE) {
      const end = start + SECTION_SIZE;
      const next = end < all.length ? `${section.key} ${end}` : null;
      queries.setQueryData(sectionKey(FILTER, { ...section, cursor: start === 0 ? null : `${section.key} ${start}` }), {
        object: 'list',
        data: all.slice(start, end),
        has_more: next !== null,
        next_cursor: next,
      });
    }
  }
}

const many = (count: number, day: string, from = 0): readonly ImageListItem[] =>
  Array.from({ length: count }, (_, at) => imageAt(from + at, day));
const idsOf = (images: readonly ImageListItem[]): readonly string[] => images.map(({ id }) => id);

test('a day of more images than one request reads is selected as a whole, and nothing of the days beside it', async () => {
  const days = [...many(10, '2025-11-28'), ...many(2500, DAY, 10), ...many(10, '2025-11-26', 2510)];
  for (const isTimeline of [true, false]) {
    expect(idsOf(await imagesOfDay({ ...listOf(days, isTimeline), day: DAY }))).toEqual(idsOf(days.slice(10, 2510)));
  }
});

test('a range is what lies between its ends, whichever was first', async () => {
  const list = listOf([...many(10, '2025-11-28'), ...many(10, DAY, 10)], true);
  const expected = idsOf(many(13, DAY, 2));
  expect(idsOf(await imagesBetween({ ...list, from: '2-0', to: '14-0' }))).toEqual(expected);
  expect(idsOf(await imagesBetween({ ...list, from: '14-0', to: '2-0' }))).toEqual(expected);
  expect(idsOf(await imagesBetween({ ...list, from: '5-0', to: '5-0' }))).toEqual(['5-0']);
  expect(await imagesBetween({ ...list, from: '5-0', to: 'of another list' })).toEqual([]);
});

test('a range of more than 10,000 images is its first 10,000', async () => {
  const all = [...many(11_000, DAY), ...many(1000, '2025-11-26', 11_000)];
  const list = listOf(all, true);
  const range = await imagesBetween({ ...list, from: '11500-0', to: '500-0' });
  expect(idsOf(range)).toEqual(idsOf(all.slice(500, 10_500)));
});
