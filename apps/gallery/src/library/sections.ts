import type { ImageList, Timeline } from '@wan-image/core';
import { addDays, type Day } from '../filter/days.ts';
import type { DayZone } from './days.ts';
import type { Section } from './section.ts';

/** As many images as one request reads. A day that has more is divided. */
export const SECTION_SIZE = 1_000;

/** Images of a page of a filtered list. */
export const PAGE_SIZE = 200;

/** Shorter slices than this would be more requests than images. */
const MIN_SLICE_MS = 60_000;

/**
 * Today is divided up to the end of this hour, not up to now: slices are known by their bounds, and other bounds would be read again, and blank
 * until then, each time that the page looks for what is new.
 */
const STEP_MS = 3_600_000;

/** The sections of all days, newest first. Nothing but the counts of the days is needed. */
export function sectionsOfTimeline(days: Timeline['data'], zone: DayZone, now: number): readonly Section[] {
  return days.flatMap(({ day, images }) => sectionsOfDay(day, images, zone, now));
}

/**
 * A long day is divided into slices of time, as if its images were spread evenly over it. Where they are not, a slice turns out to be empty,
 * or to have more than one request reads: then {@link withRest} adds what is missing.
 */
function sectionsOfDay(day: Day, count: number, zone: DayZone, now: number): readonly Section[] {
  const start = zone.startOf(day);
  const end = zone.startOf(addDays(day, 1));
  // Today's images are not spread over the hours to come.
  const busyEnd = Math.min(end, Math.max(start + MIN_SLICE_MS, Math.ceil(now / STEP_MS) * STEP_MS));
  const most = Math.max(1, Math.floor((busyEnd - start) / MIN_SLICE_MS));
  const slices = Math.min(most, Math.ceil(count / SECTION_SIZE));
  return Array.from({ length: slices }, (_, at) => {
    const cut = (part: number): number => Math.round(busyEnd - ((busyEnd - start) * part) / slices);
    return {
      key: at === 0 ? day : `${day}/${at}`,
      count: Math.ceil(count / slices),
      range: {
        created_after: timeOf(at === slices - 1 ? start : cut(at + 1)),
        created_before: timeOf(at === 0 ? end : cut(at)),
      },
      cursor: null,
      day,
      continues: at === 0 ? null : day,
      isOpen: at < slices - 1,
    };
  });
}

/** The section of a filtered list before anything of it is read. */
export const FIRST_PAGE: Section = {
  key: 'page',
  count: PAGE_SIZE,
  range: {},
  cursor: null,
  day: null,
  continues: null,
  isOpen: false,
};

/** The section after one that was read; null if it was the last. */
function sectionAfter(section: Section, page: ImageList, zone: DayZone): Section | null {
  if (!page.has_more || page.next_cursor === null) return null;
  const last = page.data.at(-1);
  return {
    ...section,
    key: nextKey(section.key),
    count: section.day === null ? PAGE_SIZE : Math.max(1, section.count - page.data.length),
    cursor: page.next_cursor,
    continues: section.day ?? (last === undefined ? section.continues : zone.dayOf(last.created_at)),
  };
}

/** Replaces what follows a section by what its page says. The same list is returned if that is so already. */
export function withRest(
  sections: readonly Section[],
  section: Section,
  page: ImageList,
  zone: DayZone,
): readonly Section[] {
  const at = sections.findIndex(({ key }) => key === section.key);
  const current = sections[at];
  if (current === undefined) return sections;
  const rest = sectionAfter(current, page, zone);
  const follower = sections[at + 1];
  const known = follower !== undefined && isRestOf(follower.key, current.key) ? follower : null;
  if (known?.cursor === rest?.cursor) return sections;
  // What was read behind another cursor may overlap with what is read behind this one.
  const others = sections.slice(at + 1).filter(({ key }) => !isRestOf(key, current.key));
  return [...sections.slice(0, at + 1), ...(rest === null ? [] : [rest]), ...others];
}

function nextKey(key: string): string {
  const [name, number = '0'] = key.split('+');
  return `${name ?? key}+${Number(number) + 1}`;
}

/** Whether one key is that of a later part of the same section. */
function isRestOf(key: string, of: string): boolean {
  const [name, number] = key.split('+');
  const [ofName, ofNumber = '0'] = of.split('+');
  return name === ofName && number !== undefined && Number(number) > Number(ofNumber);
}

function timeOf(time: number): string {
  return new Date(time).toISOString();
}
