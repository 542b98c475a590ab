import { readTime } from '@wan-image/core';
import type { LibrarySearch } from './library-search.ts';

/** A calendar day of this browser's time zone, such as `2026-11-28`. */
export type Day = string;

/** Bounds of a time, as days: both inclusive. */
export interface DayRange {
  readonly from: Day | null;
  readonly to: Day | null;
}

/** The filter of some days. */
export function boundsOf({ from, to }: DayRange): Pick<LibrarySearch, 'created_after' | 'created_before'> {
  return {
    ...(from !== null && { created_after: startOf(from).toISOString() }),
    ...(to !== null && { created_before: startOf(addDays(to, 1)).toISOString() }),
  };
}

/** The days that the bounds of a filter begin and end in. */
export function daysOf({ created_after, created_before }: LibrarySearch): DayRange {
  const after = created_after === undefined ? null : readTime(created_after);
  const before = created_before === undefined ? null : readTime(created_before);
  return {
    from: after === null ? null : dayOf(new Date(after)),
    // Exclusive: midnight ends the day before.
    to: before === null ? null : dayOf(new Date(before - 1)),
  };
}

export function dayOf(time: Date): Day {
  const pad = (value: number): string => String(value).padStart(2, '0');
  return `${String(time.getFullYear()).padStart(4, '0')}-${pad(time.getMonth() + 1)}-${pad(time.getDate())}`;
}

/** The first moment of a day. */
export function startOf(day: Day): Date {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date);
}

export function addDays(day: Day, count: number): Day {
  const start = startOf(day);
  // By the calendar: a day of a change of the clock has 23 or 25 hours.
  return dayOf(new Date(start.getFullYear(), start.getMonth(), start.getDate() + count));
}

/** Whether a text is a day that there is. */
export function isDay(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && dayOf(startOf(text)) === text;
}

export const QUICK_RANGES = ['today', 'yesterday', 'week', 'thisMonth', 'lastMonth'] as const;

export type QuickRange = (typeof QUICK_RANGES)[number];

/** A range that is named in relation to today. */
export function quickRange(name: QuickRange, today: Day): DayRange {
  return RANGES[name](today);
}

const RANGES: Readonly<Record<QuickRange, (today: Day) => DayRange>> = {
  today: (today) => ({ from: today, to: today }),
  yesterday: (today) => ({ from: addDays(today, -1), to: addDays(today, -1) }),
  week: (today) => ({ from: addDays(today, -6), to: today }),
  thisMonth: (today) => monthOf(today, 0),
  lastMonth: (today) => monthOf(today, -1),
};

function monthOf(day: Day, offset: number): DayRange {
  const start = startOf(day);
  const first = (months: number): Day => dayOf(new Date(start.getFullYear(), start.getMonth() + months, 1));
  return { from: first(offset), to: addDays(first(offset + 1), -1) };
}
