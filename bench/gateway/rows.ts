import { median, row, type Row } from '../support/report.ts';
import type { MemoryRun } from './memory.ts';
import type { SideName } from './sides.ts';
import { latencyRows, rateRows } from './speed-rows.ts';
import type { LatencyRun, RateRun } from './speed.ts';
import type { StartRun } from './start-time.ts';
import { FORMATS, WORKS } from './works.ts';

/** One measurement, as it is stored. */
export type Run = LatencyRun | RateRun | MemoryRun | StartRun;

/** A row whose `target` is null only informs. A work that was not run has no rows. */
export function rowsOf(runs: readonly Run[]): readonly Row[] {
  const latencies = runs.filter((run) => run.work === 'latency');
  const rates = runs.filter((run) => run.work === 'rate');
  const rows = [
    ...FORMATS.flatMap((format) => latencyRows(latencies, format)),
    ...FORMATS.flatMap((format) => rateRows(rates, format)),
    ...memoryRows(runs, 'large', 100),
    ...memoryRows(runs, 'large, slow', 100),
    ...memoryRows(runs, 'inFlight', 200),
    ...lostRows(runs),
    startRow(runs, 'PGlite', 5),
    startRow(runs, 'PostgreSQL', 2),
  ];
  const measured: ReadonlySet<string> = new Set(runs.map((run) => workOf(run)));
  return rows.filter(({ work }) => measured.has(work));
}

function workOf(run: Run): string {
  return run.work === 'latency' || run.work === 'rate' ? WORKS[`${run.work} ${run.format}`] : WORKS[run.work];
}

function memoryRows(runs: readonly Run[], work: MemoryRun['work'], target: number): readonly Row[] {
  const all = runs.filter((run): run is MemoryRun => run.work === work);
  const of = (side: SideName, pick: (run: MemoryRun) => number) =>
    median(all.filter((run) => run.side === side).map(pick));
  const growth = (run: MemoryRun) => run.peakMB - run.baseMB;
  const facts = { work: WORKS[work], unit: 'MB', peer: null };
  const failed = all.filter(({ side, error }) => side === 'history' && error !== null).length;
  return [
    row({ ...facts, measure: 'peak RSS over base', value: of('history', growth), target }),
    row({ ...facts, measure: 'base', value: of('history', ({ baseMB }) => baseMB), target: null }),
    row({ ...facts, measure: 'portkey: peak RSS over base', value: of('portkey', growth), target: null }),
    row({ ...facts, measure: 'failed runs', unit: 'runs', value: failed, target: 0 }),
  ];
}

function lostRows(runs: readonly Run[]): readonly Row[] {
  const lost = runs.flatMap((run) => (run.work === 'inFlight' && run.lost !== null ? [run.lost] : []));
  const value = lost.reduce((sum, count) => sum + count, 0);
  const measure = 'not in the history as succeeded, with its image';
  return [row({ work: WORKS.inFlight, measure, value, unit: 'generations', peer: null, target: 0 })];
}

function startRow(runs: readonly Run[], database: StartRun['database'], target: number): Row {
  const times = runs.flatMap((run) => (run.work === 'start' && run.database === database ? [run.readyMs] : []));
  return row({ work: WORKS.start, measure: database, value: median(times) / 1000, unit: 's', peer: null, target });
}
