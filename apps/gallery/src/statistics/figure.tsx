import { Suspense, useId, useState, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../ui/button.tsx';
import styles from './statistics.module.css';
import type { PlotProps } from './plot.tsx';
import { late } from '../ui/late.ts';

const Plot = late(async () => (await import('./plot.tsx')).Plot);

export interface FigureProps extends Omit<PlotProps, 'label'> {
  readonly title: string;
  /** What the plot shows, in figures. */
  readonly table: TableData;
}

/** A plot, and the same as a table for whoever asks for it. */
export function Figure({ title, table, ...plot }: FigureProps): ReactNode {
  const t = useTranslations('statistics');
  const [hasTable, setHasTable] = useState(false);
  const id = useId();
  return (
    <section className={styles['figure']} aria-labelledby={`${id}-title`}>
      <header className={styles['caption']}>
        <h2 id={`${id}-title`}>{title}</h2>
        <Button look="plain" aria-expanded={hasTable} aria-controls={id} onClick={() => setHasTable(!hasTable)}>
          {t(hasTable ? 'hideTable' : 'showTable')}
        </Button>
      </header>
      <Suspense fallback={<div className={styles['reserved']} />}>
        <Plot {...plot} label={t('plotOf', { name: title })} />
      </Suspense>
      <div id={id}>{hasTable && <Table title={title} data={table} />}</div>
    </section>
  );
}

export interface TableData {
  readonly heads: readonly string[];
  readonly rows: readonly TableRow[];
}

interface TableRow {
  readonly key: string;
  readonly name: ReactNode;
  /** One below each head but the first. */
  readonly cells: readonly ReactNode[];
}

/** Scrolls within itself: a year has 365 rows, and a phone has room for few columns. */
export function Table({ title, data }: { readonly title: string; readonly data: TableData }): ReactNode {
  const t = useTranslations('statistics');
  return (
    // What scrolls is reached by the keyboard.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div role="region" aria-label={t('tableOf', { name: title })} tabIndex={0} className={styles['scroller']}>
      <table className={styles['table']}>
        <thead>
          <tr>
            {data.heads.map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {data.rows.map(({ key, name, cells }) => (
            <tr key={key}>
              <th scope="row">{name}</th>
              {cells.map((cell, column) => (
                <td key={data.heads[column + 1]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
