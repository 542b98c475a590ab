import type { StatisticsRow } from '@wan-image/core';
import type { Day } from '../filter/days.ts';

/** One line or one part of a bar, with a value for each day; null where there is nothing to measure. */
export interface Series {
  readonly label: string;
  readonly values: readonly (number | null)[];
}

/** A value of each day. Days without generations have no row. */
export function byDay<Value>(
  days: readonly Day[],
  rows: readonly StatisticsRow[],
  valueOf: (row: StatisticsRow) => Value,
  empty: Value,
): readonly Value[] {
  const values = new Map(rows.map((row) => [row.day, valueOf(row)]));
  return days.map((day) => values.get(day) ?? empty);
}

/** The currencies of costs: one, unless it was changed in this time. */
export function currenciesOf(rows: readonly StatisticsRow[]): readonly string[] {
  return [...new Set(rows.flatMap(({ cost }) => Object.keys(cost)))].toSorted();
}

/** The causes of failures, the most frequent first. */
export function failuresOf(row: StatisticsRow | undefined): readonly (readonly [code: string, count: number])[] {
  return Object.entries(row?.failures ?? {}).toSorted(([, one], [, other]) => other - one);
}

export function endedOf({ generations }: StatisticsRow): number {
  return generations.succeeded + generations.failed + generations.canceled;
}

/**
 * Whether it is not known what images cost, because their model had no price when they were generated. A price that was set later changes
 * nothing of that; a price of 0 says that they cost nothing.
 */
export function hasNoPrice(
  { simulated, images, cost, model }: StatisticsRow,
  prices: Readonly<Record<string, string>>,
): boolean {
  if (simulated || images === 0 || Object.keys(cost).length > 0) return false;
  const price = model === undefined ? undefined : prices[model];
  return price === undefined || Number(price) !== 0;
}

/** Each value with those below it: how parts of a bar are stacked. */
export function stacked(series: readonly Series[]): readonly (readonly number[])[] {
  let below: readonly number[] = [];
  return series.map(({ values }) => {
    below = values.map((value, at) => (value ?? 0) + (below[at] ?? 0));
    return below;
  });
}
