import { dayOf, startOf, type Day } from '../filter/days.ts';

export type { Day } from '../filter/days.ts';

/** The time zone in which days are counted. */
export interface DayZone {
  /** The name that the service gets. */
  readonly tz: string;
  /** The first moment of a day in milliseconds since 1970. */
  startOf(day: Day): number;
  /** The day of a time in RFC 3339. */
  dayOf(time: string): Day;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** The oldest images that there can be. */
const FIRST_YEAR = 2023;

/**
 * The zone of the browser. The service counts by the hour, so a zone such as India's, half an hour off, is replaced by the nearest whole hour
 * that is always the same: days then begin half an hour early or late, and no image is counted twice.
 */
export function browserZone(timeZone: string, now: Date = new Date()): DayZone {
  return hasWholeHours(now) ? namedZone(timeZone) : fixedZone(Math.round(-now.getTimezoneOffset() / 60));
}

/** A zone whose days begin at midnight of the browser. */
function namedZone(tz: string): DayZone {
  return {
    tz,
    startOf: (day) => startOf(day).getTime(),
    dayOf: (time) => dayOf(new Date(time)),
  };
}

/** A zone that is so many hours ahead of UTC throughout the year. */
export function fixedZone(hours: number): DayZone {
  return {
    // The signs of these names are those of POSIX, which counts westwards.
    tz: hours === 0 ? 'UTC' : `Etc/GMT${hours > 0 ? '-' : '+'}${Math.abs(hours)}`,
    startOf: (day) => Date.parse(`${day}T00:00:00Z`) - hours * HOUR_MS,
    dayOf: (time) => new Date(Date.parse(time) + hours * HOUR_MS).toISOString().slice(0, 10),
  };
}

function hasWholeHours(now: Date): boolean {
  for (let year = FIRST_YEAR; year <= now.getFullYear(); year += 1) {
    for (const month of [0, 3, 6, 9]) if (new Date(year, month).getTimezoneOffset() % 60 !== 0) return false;
  }
  return now.getTimezoneOffset() % 60 === 0;
}
