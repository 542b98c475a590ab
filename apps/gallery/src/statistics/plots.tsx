import type { StatisticsRow } from '@wan-image/core';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import type { Day } from '../filter/days.ts';
import { Figure, type TableData } from './figure.tsx';
import { byDay, currenciesOf, type Series } from './figures.ts';
import { useUnits } from './use-units.ts';

export interface PlotsProps {
  readonly days: readonly Day[];
  readonly rows: readonly StatisticsRow[];
  readonly daysOfModels: readonly StatisticsRow[];
}

/** What happened day by day. */
export function Plots(props: PlotsProps): ReactNode {
  const { rows } = props;
  return (
    <>
      <Generations {...props} />
      <Images {...props} />
      {currenciesOf(rows).map((currency) => (
        <Cost key={currency} {...props} currency={currency} />
      ))}
      <Latency {...props} />
      <Stored {...props} />
    </>
  );
}

const STATES = ['succeeded', 'failed', 'canceled'] as const;

function Generations({ days, rows }: PlotsProps): ReactNode {
  const t = useTranslations('statistics');
  const units = useUnits();
  const names = useNames(days);
  const series = STATES.map((state) => ({
    label: t(state),
    values: byDay(days, rows, ({ generations }) => generations[state], 0),
  }));
  return (
    <Figure
      title={t('perDay')}
      names={names}
      series={series}
      format={units.count}
      table={useTable(days, series, units.count)}
    />
  );
}

function Images({ days, daysOfModels }: PlotsProps): ReactNode {
  const t = useTranslations('statistics');
  const units = useUnits();
  const names = useNames(days);
  const models = [...new Set(daysOfModels.map(({ model }) => model ?? ''))].toSorted();
  const series = models.map((model) => ({
    label: model,
    values: byDay(
      days,
      daysOfModels.filter((row) => row.model === model),
      ({ images }) => images,
      0,
    ),
  }));
  return (
    <Figure
      title={t('imagesPerDay')}
      names={names}
      series={series}
      format={units.count}
      table={useTable(days, series, units.count)}
    />
  );
}

function Cost({ days, rows, currency }: PlotsProps & { readonly currency: string }): ReactNode {
  const t = useTranslations('statistics');
  const units = useUnits();
  const names = useNames(days);
  const amounts = byDay<string | null>(days, rows, ({ cost }) => cost[currency] ?? null, null);
  const series = [{ label: t('cost'), values: amounts.map((amount) => (amount === null ? 0 : Number(amount))) }];
  const table = {
    heads: [t('day'), t('cost')],
    // Digit by digit as the service counted them: a plot may round, a table may not.
    rows: days
      .flatMap((day, at) => {
        const amount = amounts[at] ?? null;
        return amount === null ? [] : [{ key: day, name: units.day(day), cells: [units.money(amount, currency)] }];
      })
      .toReversed(),
  };
  return (
    <Figure
      title={t('costPerDay', { currency })}
      names={names}
      series={series}
      format={units.count}
      step={0.1}
      table={table}
    />
  );
}

function Latency({ days, rows }: PlotsProps): ReactNode {
  const t = useTranslations('statistics');
  const units = useUnits();
  const names = useNames(days);
  const series = [
    { label: t('p50'), values: byDay(days, rows, ({ latency }) => latency?.p50_ms ?? null, null) },
    { label: t('p95'), values: byDay(days, rows, ({ latency }) => latency?.p95_ms ?? null, null) },
  ];
  return (
    <Figure
      title={t('latencyPerDay')}
      kind="lines"
      names={names}
      series={series}
      format={units.seconds}
      step={100}
      table={useTable(days, series, units.seconds)}
    />
  );
}

function Stored({ days, rows }: PlotsProps): ReactNode {
  const t = useTranslations('statistics');
  const units = useUnits();
  const names = useNames(days);
  const series = [{ label: t('stored'), values: byDay(days, rows, (row) => row.stored_bytes, 0) }];
  return (
    <Figure
      title={t('storedPerDay')}
      names={names}
      series={series}
      format={units.bytes}
      step={1000}
      table={useTable(days, series, units.bytes)}
    />
  );
}

function useNames(days: readonly Day[]): readonly string[] {
  return days.map(useUnits().shortDay);
}

/** The days on which there was something, the latest first. */
function useTable(days: readonly Day[], series: readonly Series[], format: (value: number) => string): TableData {
  const t = useTranslations('statistics');
  const units = useUnits();
  const rows = days.flatMap((day, at) => {
    const values = series.map(({ values: all }) => all[at] ?? null);
    if (values.every((value) => value === null || value === 0)) return [];
    const cells = values.map((value) => (value === null ? '–' : format(value)));
    return [{ key: day, name: units.day(day), cells }];
  });
  return { heads: [t('day'), ...series.map(({ label }) => label)], rows: rows.toReversed() };
}
