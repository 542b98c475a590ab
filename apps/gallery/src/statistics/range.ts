import { addDays, dayOf, type Day } from '../filter/days.ts';
import { browserZone } from '../library/days.ts';
import type { StatisticsSearch } from './statistics-search.ts';

/** Days that are counted, both inclusive. */
export interface StatisticsRange {
  readonly from: Day;
  readonly to: Day;
}

/** Lengths that one click selects. */
export const QUICK_DAYS = [7, 30, 90, 365] as const;

const DEFAULT_DAYS = 30;

/** More days than this are too many bars for a screen, and a URL may ask for all since the year 1. */
const MAX_DAYS = 3660;

/** The days that a URL asks for. */
export function rangeOf({ from, to }: StatisticsSearch, today: Day): StatisticsRange {
  const last = to ?? today;
  const first = from ?? addDays(last, 1 - DEFAULT_DAYS);
  const [start, end] = first <= last ? [first, last] : [last, first];
  const earliest = addDays(end, 1 - MAX_DAYS);
  return { from: start < earliest ? earliest : start, to: end };
}

/** The last days until today. */
export function lastDays(count: number, today: Day): StatisticsRange {
  return { from: addDays(today, 1 - count), to: today };
}

/** Each day of a range, ascending. */
export function daysIn({ from, to }: StatisticsRange): readonly Day[] {
  const days: Day[] = [];
  for (let day = from; day <= to; day = addDays(day, 1)) days.push(day);
  return days;
}

export interface StatisticsTime {
  /** IANA name of the time zone by which the service counts days. */
  readonly tz: string;
  /** RFC 3339. */
  readonly from: string;
  readonly to: string;
}

/** The range as the service takes it, in the days of the library. */
export function timeOf({ from, to }: StatisticsRange, timeZone: string): StatisticsTime {
  const zone = browserZone(timeZone);
  const timeAt = (day: Day): string => new Date(zone.startOf(day)).toISOString();
  return { tz: zone.tz, from: timeAt(from), to: timeAt(addDays(to, 1)) };
}

/** Today, by the calendar of this browser. */
export function todayHere(): Day {
  return dayOf(new Date());
}
