import { useState, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../ui/button.tsx';
import { without } from '../filter/active-filters.ts';
import { DayInput } from './day-input.tsx';
import { boundsOf, dayOf, daysOf, quickRange, QUICK_RANGES, type DayRange } from '../filter/days.ts';
import styles from './filter-menu.module.css';
import { useLibrarySearch } from '../filter/use-library-search.ts';

/** The days of creation: one of a few that are often meant, or any. */
export function DateFilter(): ReactNode {
  const t = useTranslations('find');
  const [search, change] = useLibrarySearch();
  const [today] = useState(() => dayOf(new Date()));
  const days = daysOf(search);
  const set = (next: DayRange): void =>
    change({ ...without(search, ['created_after', 'created_before']), ...boundsOf(next) });
  return (
    <fieldset className={styles['section']}>
      <legend className={styles['legend']}>{t('date')}</legend>
      <div className={styles['buttons']}>
        {QUICK_RANGES.map((name) => {
          const range = quickRange(name, today);
          const isOn = range.from === days.from && range.to === days.to;
          return (
            <Button
              key={name}
              look="plain"
              className={styles['quick']}
              aria-pressed={isOn}
              onClick={() => set(isOn ? NO_DAYS : range)}
            >
              {t(name)}
            </Button>
          );
        })}
      </div>
      <div className={styles['days']}>
        <DayInput
          className={styles['day']}
          label={t('from')}
          day={days.from}
          max={days.to}
          onChange={(from) => set({ ...days, from })}
        />
        <DayInput
          className={styles['day']}
          label={t('to')}
          day={days.to}
          min={days.from}
          onChange={(to) => set({ ...days, to })}
        />
      </div>
    </fieldset>
  );
}

const NO_DAYS: DayRange = { from: null, to: null };
