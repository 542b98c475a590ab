import { useLocale, useTranslations } from 'use-intl';
import type { Day, DayZone } from './days.ts';

const DAY_MS = 24 * 3_600_000;

/** How a day is called: "Today", "Friday, 27 November", with the year if it is another one. */
export function useDayName(zone: DayZone): (day: Day) => string {
  const t = useTranslations('library');
  const locale = useLocale();
  return (day) => {
    const now = Date.now();
    const today = zone.dayOf(new Date(now).toISOString());
    if (day === today) return t('today');
    if (day === zone.dayOf(new Date(now - DAY_MS).toISOString())) return t('yesterday');
    return formatOf(locale, day.slice(0, 4) === today.slice(0, 4) ? THIS_YEAR : ANY_YEAR).format(noon(day));
  };
}

/** Formats a month without its year, such as "Oct". */
export function useMonthName(): (day: Day) => string {
  const locale = useLocale();
  return (day) => formatOf(locale, MONTH).format(noon(day));
}

/** Formats a day in short, such as "27 Nov 2026". */
export function useShortDay(): (day: Day) => string {
  const locale = useLocale();
  return (day) => formatOf(locale, SHORT).format(noon(day));
}

const THIS_YEAR = { weekday: 'long', day: 'numeric', month: 'long' } as const;
const ANY_YEAR = { ...THIS_YEAR, year: 'numeric' } as const;
const MONTH = { month: 'short' } as const;
const SHORT = { day: 'numeric', month: 'short', year: 'numeric' } as const;

const formats = new Map<string, Intl.DateTimeFormat>();

/** They are slow to create. */
function formatOf(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale} ${JSON.stringify(options)}`;
  const known = formats.get(key);
  if (known !== undefined) return known;
  // "27 November" rather than "November 27": as the rest of the page, which follows no American habit.
  const format = new Intl.DateTimeFormat(locale === 'en' ? 'en-GB' : locale, { ...options, timeZone: 'UTC' });
  formats.set(key, format);
  return format;
}

function noon(day: Day): Date {
  return new Date(`${day}T12:00:00Z`);
}
