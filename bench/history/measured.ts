import { quantile, row, type Row } from '../support/report.ts';
import { print } from '../support/results.ts';

/** Durations of one work on a database. */
export interface Measured {
  readonly work: string;
  /** Generations of the database. */
  readonly generations: number;
  readonly ms: readonly number[];
  /** What took longest. */
  readonly slowest: string;
}

/** p50, and p99 with its target. Of fewer than a hundred values, p99 is the longest. */
export function rowsOfDurations(all: readonly Measured[], target: (one: Measured) => number | null): Row[] {
  return all.flatMap((one) => {
    const facts = { work: workOf(one.work, one.generations), unit: 'ms', peer: null };
    return [
      row({ ...facts, measure: 'p50', value: quantile(one.ms, 0.5), target: null }),
      row({ ...facts, measure: 'p99', value: quantile(one.ms, 0.99), target: target(one) }),
    ];
  });
}

/** While it is measured. */
export function printed(one: Measured): Measured {
  const [p50, p99] = [quantile(one.ms, 0.5), quantile(one.ms, 0.99)].map((ms) => ms.toFixed(1));
  print(`${workOf(one.work, one.generations)}: p50 ${p50} ms, p99 ${p99} ms, slowest ${one.slowest}\n`);
  return one;
}

export function workOf(work: string, generations: number): string {
  return `${work} (of ${generations.toLocaleString('en')})`;
}
