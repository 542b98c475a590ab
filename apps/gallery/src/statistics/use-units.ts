import { useFormatter, useTranslations } from 'use-intl';
import { startOf, type Day } from '../filter/days.ts';

const SIZES = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

export interface Units {
  readonly count: (value: number) => string;
  readonly seconds: (milliseconds: number) => string;
  readonly bytes: (value: number) => string;
  /** A decimal amount, digit by digit as the service sent it. */
  readonly money: (amount: string, currency: string) => string;
  /** `28 Nov`. */
  readonly shortDay: (day: Day) => string;
  /** With its year. */
  readonly day: (day: Day) => string;
}

/** Writes figures as the language of the page does. */
export function useUnits(): Units {
  const format = useFormatter();
  const t = useTranslations('statistics');
  return {
    count: (value) => format.number(value),
    seconds: (milliseconds) => t('seconds', { seconds: milliseconds / 1000 }),
    bytes(value) {
      const power = Math.min(SIZES.length - 1, value === 0 ? 0 : Math.floor(Math.log10(value) / 3));
      return format.number(value / 1000 ** power, {
        style: 'unit',
        unit: SIZES[power] ?? 'byte',
        unitDisplay: power === 0 ? 'narrow' : 'short',
        maximumFractionDigits: power === 0 ? 0 : 1,
      });
    },
    money: (amount, currency) => `${amount} ${currency}`,
    shortDay: (day) => format.dateTime(startOf(day), { day: 'numeric', month: 'short' }),
    day: (day) => format.dateTime(startOf(day), { dateStyle: 'medium' }),
  };
}
