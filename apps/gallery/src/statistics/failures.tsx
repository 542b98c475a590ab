import type { StatisticsRow } from '@wan-image/core';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { causeOfCode } from '../generations/cause.ts';
import { Table } from './figure.tsx';
import { failuresOf } from './figures.ts';
import styles from './statistics.module.css';
import { useUnits } from './use-units.ts';

/** What failed and why, as bars within a table: there are few causes, and their names are long. */
export function Failures({ total }: { readonly total: StatisticsRow }): ReactNode {
  const t = useTranslations('statistics');
  const tc = useTranslations('activity.causes');
  const units = useUnits();
  const failures = failuresOf(total);
  const most = failures[0]?.[1] ?? 1;
  const rows = failures.map(([code, count]) => ({
    key: code,
    name: (
      <>
        {tc(causeOfCode(code))} <code className={styles['code']}>{code}</code>
      </>
    ),
    cells: [
      <span key="bar" className={styles['bar']}>
        <span className={styles['filled']} style={{ width: `${(count / most) * 100}%` }} />
        {units.count(count)}
      </span>,
    ],
  }));
  return (
    <section className={styles['figure']}>
      <h2 className={styles['caption']}>{t('failures')}</h2>
      {rows.length === 0 ? (
        <p className={styles['note']}>{t('noFailures')}</p>
      ) : (
        <Table title={t('failures')} data={{ heads: [t('cause'), t('count')], rows }} />
      )}
    </section>
  );
}
