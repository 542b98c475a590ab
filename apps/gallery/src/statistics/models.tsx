import type { StatisticsRow } from '@wan-image/core';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Costs } from './costs.tsx';
import { endedOf } from './figures.ts';
import { Table } from './figure.tsx';
import styles from './statistics.module.css';
import { useUnits } from './use-units.ts';

/** One row a model. */
export function Models({ rows }: { readonly rows: readonly StatisticsRow[] }): ReactNode {
  const t = useTranslations('statistics');
  const units = useUnits();
  const heads = [
    t('model'),
    t('images'),
    t('generations'),
    t('failed'),
    t('unknown'),
    t('cost'),
    t('p50'),
    t('p95'),
    t('stored'),
  ];
  const data = rows.map((row) => ({
    key: row.model ?? '',
    name: row.model,
    cells: [
      units.count(row.images),
      units.count(endedOf(row)),
      units.count(row.generations.failed),
      units.count(row.unknown),
      <Costs key="cost" row={row} />,
      row.latency ? units.seconds(row.latency.p50_ms) : '–',
      row.latency ? units.seconds(row.latency.p95_ms) : '–',
      units.bytes(row.stored_bytes - row.deleted_bytes),
    ],
  }));
  return (
    <section className={styles['figure']}>
      <h2 className={styles['caption']}>{t('byModel')}</h2>
      <Table title={t('byModel')} data={{ heads, rows: data }} />
    </section>
  );
}
