import { useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTimeZone, useTranslations } from 'use-intl';
import { Loading, Message, ProblemMessage } from '../ui/message.tsx';
import { Failures } from './failures.tsx';
import { Models } from './models.tsx';
import { Plots } from './plots.tsx';
import { daysIn, rangeOf, timeOf, todayHere } from './range.ts';
import { RangeForm } from './range-form.tsx';
import styles from './statistics.module.css';
import type { StatisticsSearch } from './statistics-search.ts';
import { Totals } from './totals.tsx';
import { useStatistics, type AllStatistics } from './use-statistics.ts';

/** What was generated, what failed, what it cost and how long it took. */
export function StatisticsPage(): ReactNode {
  const ta = useTranslations('app');
  const t = useTranslations('statistics');
  const search: StatisticsSearch = useSearch({ from: '/statistics' });
  const timeZone = useTimeZone() ?? 'UTC';
  const range = rangeOf(search, todayHere());
  const time = timeOf(range, timeZone);
  const statistics = useStatistics(time);
  return (
    <div className={styles['page']}>
      <header className={styles['header']}>
        <h1>{ta('statistics')}</h1>
        <RangeForm range={range} search={search} />
      </header>
      {time.tz !== timeZone && <p className={styles['note']}>{t('utc')}</p>}
      {statistics.data?.complete === false && (
        <p role="status" className={styles['note']}>
          {t('incomplete')}
        </p>
      )}
      {statistics.isPending && <Loading />}
      {statistics.data === undefined && statistics.error && (
        <ProblemMessage error={statistics.error} onRetry={() => void statistics.refetch()} />
      )}
      {statistics.data && <Figures all={statistics.data} search={search} days={daysIn(range)} />}
    </div>
  );
}

interface FiguresProps {
  readonly all: AllStatistics;
  readonly search: StatisticsSearch;
  readonly days: readonly string[];
}

function Figures({ all, search, days }: FiguresProps): ReactNode {
  const t = useTranslations('statistics');
  const hasReal = all.totals.some(({ simulated }) => !simulated);
  const simulated = search.simulated ?? !hasReal;
  const total = all.totals.find((row) => row.simulated === simulated);
  const own = <Row extends { readonly simulated: boolean }>(rows: readonly Row[]): readonly Row[] =>
    rows.filter((row) => row.simulated === simulated);
  const models = own(all.models);
  return (
    <>
      {all.totals.length > 0 && <Kinds all={all} simulated={simulated} search={search} />}
      {simulated && total && <p className={styles['note']}>{t('simulatedHint')}</p>}
      {total === undefined ? (
        <Message title={t('nothing')} detail={t('nothingHint')} />
      ) : (
        <>
          <Totals total={total} models={models} />
          <div className={styles['figures']}>
            <Plots days={days} rows={own(all.days)} daysOfModels={own(all.daysOfModels)} />
          </div>
          <Models rows={models} />
          <Failures total={total} />
        </>
      )}
    </>
  );
}

/** What was simulated is apart from what costs money. There is nothing to choose where there is only one of them. */
function Kinds({ all, simulated, search }: Omit<FiguresProps, 'days'> & { readonly simulated: boolean }): ReactNode {
  const t = useTranslations('statistics');
  const navigate = useNavigate();
  if (all.totals.length < 2 && search.simulated === undefined) return null;
  return (
    <fieldset className={styles['kinds']}>
      <legend className="visually-hidden">{t('kind')}</legend>
      {[false, true].map((one) => (
        <label key={String(one)} className={styles['choice']}>
          <input
            type="radio"
            name="simulated"
            checked={one === simulated}
            onChange={() => void navigate({ to: '/statistics', search: { ...search, simulated: one } })}
          />
          {t(one ? 'simulated' : 'real')}
        </label>
      ))}
    </fieldset>
  );
}
