import type { GenerationFilter, ImageList, ImageListItem } from '@wan-image/core';
import type { QueryClient } from '@tanstack/react-query';
import type { Day } from './days.ts';
import type { GridStore } from './grid-store.ts';
import { sectionKey, sectionQuery } from './read-section.ts';
import type { Section } from './section.ts';

/** More than this is not selected at once: all of it is read, and stays in memory. The images beyond are selected by another range. */
const MAX_RANGE = 10_000;

interface ListOptions {
  readonly store: GridStore;
  readonly queries: QueryClient;
  readonly filter: GenerationFilter;
}

export interface RangeOptions extends ListOptions {
  /** Ids of images, in either order. */
  readonly from: string;
  readonly to: string;
}

/** All images between two of them, both included, or the first of them. Sections that are not in memory are read. */
export async function imagesBetween({ from, to, ...list }: RangeOptions): Promise<readonly ImageListItem[]> {
  const indexOf = (id: string): number => indexWith(list, (image) => image.id === id);
  const [first = -1, last = -1] = [indexOf(from), indexOf(to)].toSorted((a, b) => a - b);
  const lastKey = list.store.sections[last]?.key;
  const isEnd = ({ id }: ImageListItem): boolean => id === from || id === to;
  const images: ImageListItem[] = [];
  for await (const { section, data } of pagesFrom(list, list.store.sections[first])) {
    images.push(...(images.length === 0 ? data.slice(Math.max(0, data.findIndex(isEnd))) : data));
    if (section.key === lastKey) return images.slice(0, images.findLastIndex(isEnd) + 1).slice(0, MAX_RANGE);
    if (images.length >= MAX_RANGE) break;
  }
  return images.slice(0, MAX_RANGE);
}

export interface DayOptions extends ListOptions {
  readonly day: Day;
}

/** All images of a day that the list shows, or the first of them. Sections of it that are not in memory are read. */
export async function imagesOfDay({ day, ...list }: DayOptions): Promise<readonly ImageListItem[]> {
  const { store } = list;
  const isOfDay = ({ created_at }: ImageListItem): boolean => store.zone.dayOf(created_at) === day;
  const ofTimeline = store.sections.findIndex((section) => section.day === day);
  const first = ofTimeline === -1 ? indexWith(list, isOfDay) : ofTimeline;
  const images: ImageListItem[] = [];
  for await (const { section, data } of pagesFrom(list, store.sections[first])) {
    images.push(...data.filter(isOfDay));
    if (images.length >= MAX_RANGE || endsDay(store, section, data, day)) break;
  }
  return images.slice(0, MAX_RANGE);
}

/** Whether nothing of the day can follow a section. */
function endsDay(store: GridStore, section: Section, data: ImageList['data'], day: Day): boolean {
  const next = sectionAfter(store, section.key);
  if (next === undefined) return true;
  if (next.day !== null) return next.day !== day;
  const last = data.at(-1);
  return last !== undefined && store.zone.dayOf(last.created_at) < day;
}

/** The first section in memory with such an image; -1 without one. */
function indexWith({ store, queries, filter }: ListOptions, isMeant: (image: ImageListItem) => boolean): number {
  return store.sections.findIndex(
    (section) => queries.getQueryData<ImageList>(sectionKey(filter, section))?.data.some(isMeant) ?? false,
  );
}

function sectionAfter(store: GridStore, key: string): Section | undefined {
  const at = store.model.indexOf(key);
  // Meanwhile the list may have become another one.
  return at === -1 ? undefined : store.sections[at + 1];
}

interface Page {
  readonly section: Section;
  readonly data: ImageList['data'];
}

/** The images of a section, and of those that follow it. */
async function* pagesFrom(
  { store, queries, filter }: ListOptions,
  first: Section | undefined,
): AsyncGenerator<Page, void, void> {
  for (let section = first; section !== undefined;) {
    const { key } = section;
    const page = await queries.ensureQueryData(sectionQuery(filter, section));
    // Where it has more than one request reads, what follows it is known only now.
    store.onRead(section, page);
    yield { section, data: page.data };
    section = sectionAfter(store, key);
  }
}
