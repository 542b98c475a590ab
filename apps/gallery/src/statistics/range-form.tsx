import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { DayInput } from '../find/day-input.tsx';
import { Button } from '../ui/button.tsx';
import { lastDays, QUICK_DAYS, todayHere, type StatisticsRange } from './range.ts';
import styles from './statistics.module.css';
import type { StatisticsSearch } from './statistics-search.ts';

const YEAR = 365;

/** The days that are counted: one of a few lengths until today, or any. */
export function RangeForm({
  range,
  search,
}: {
  readonly range: StatisticsRange;
  readonly search: StatisticsSearch;
}): ReactNode {
  const t = useTranslations('statistics');
  const navigate = useNavigate();
  const today = todayHere();
  const set = (next: Partial<StatisticsRange>): void =>
    void navigate({ to: '/statistics', search: { ...search, ...range, ...next } });
  return (
    <div role="group" aria-label={t('range')} className={styles['range']}>
      {QUICK_DAYS.map((count) => {
        const quick = lastDays(count, today);
        return (
          <Button
            key={count}
            look="plain"
            aria-pressed={quick.from === range.from && quick.to === range.to}
            onClick={() => set(quick)}
          >
            {count === YEAR ? t('year') : t('days', { count })}
          </Button>
        );
      })}
      <DayInput
        className={styles['day']}
        label={t('from')}
        day={range.from}
        onChange={(from) => from !== null && set({ from })}
        isRequired
      />
      <DayInput
        className={styles['day']}
        label={t('to')}
        day={range.to}
        onChange={(to) => to !== null && set({ to })}
        isRequired
      />
    </div>
  );
}
