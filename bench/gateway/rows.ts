import { median, row, rowOfMore, type Row } from '../support/report.ts';
import type { Format } from './caller.ts';
import type { MemoryRun } from './memory.ts';
import type { SideName } from './sides.ts';
import type { LatencyRun, RateRun } from './speed.ts';
import type { StartRun } from './start-time.ts';
import { FORMATS, WORKS } from './works.ts';

/** One measurement, as it is kept. */
export type Run = LatencyRun | RateRun | MemoryRun | StartRun;

/** The rows of targets.md; `target` null marks what only informs. What was not run has none. */
export function rowsOf(runs: readonly Run[]): readonly Row[] {
  const rows = [
    ...FORMATS.flatMap((format) => latencyRows(runs, format)),
    ...FORMATS.flatMap((format) => rateRows(runs, format)),
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

/** Base64 has the targets: there all sides ask the upstream once, and history commits twice and stores an image beside. */
function latencyRows(runs: readonly Run[], format: Format): readonly Row[] {
  const { p50: ownP50, p99: ownP99 } = addedMs(runs, 'history', format);
  const { p50: peerP50, p99: peerP99 } = addedMs(runs, 'portkey', format);
  const isMain = format === 'b64_json';
  const facts = { work: WORKS[`latency ${format}`], unit: 'ms' };
  const p50 = { ...facts, measure: 'added latency p50', value: ownP50 };
  const p99 = { ...facts, measure: 'added latency p99, over the median of direct' };
  return [
    row({ ...p50, peer: null, target: isMain ? 2 : null }),
    row({
      ...p50,
      peer: 'portkey',
      measure: 'added latency p50, beside its own',
      target: isMain ? round(peerP50) : null,
    }),
    row({ ...p99, value: ownP99, peer: null, target: isMain ? 15 : null }),
    row({ ...facts, measure: 'portkey: added latency p50', value: peerP50, peer: null, target: null }),
    row({ ...p99, measure: `portkey: ${p99.measure}`, value: peerP99, peer: null, target: null }),
  ];
}

/** Of the same round, so that what a noisy machine does to both is in neither; then the median of the rounds. */
function addedMs(runs: readonly Run[], side: SideName, format: Format): { readonly p50: number; readonly p99: number } {
  const latencies = runs.filter((run) => run.work === 'latency').filter((run) => run.format === format);
  const pairs = latencies
    .filter((run) => run.side === side)
    .flatMap((run) => {
      const direct = latencies.find((other) => other.side === 'direct' && other.round === run.round);
      return direct === undefined ? [] : [{ p50: run.p50Ms - direct.p50Ms, p99: run.p99Ms - direct.p50Ms }];
    });
  return { p50: median(pairs.map(({ p50 }) => p50)), p99: median(pairs.map(({ p99 }) => p99)) };
}

function rateRows(runs: readonly Run[], format: Format): readonly Row[] {
  const rates = runs.filter((run) => run.work === 'rate').filter((run) => run.format === format);
  const of = (side: SideName) => median(rates.filter((run) => run.side === side).map(({ perSecond }) => perSecond));
  const isMain = format === 'b64_json';
  const facts = { work: WORKS[`rate ${format}`], unit: '1/s' };
  const own = { ...facts, measure: 'generations a second', value: of('history') };
  const informs = { ...facts, peer: null, target: null };
  return [
    rowOfMore({ ...own, peer: null, target: isMain ? 1000 : null }),
    rowOfMore({
      ...own,
      peer: 'portkey',
      measure: 'generations a second, beside its own',
      target: isMain ? round(of('portkey')) : null,
    }),
    rowOfMore({ ...informs, measure: 'portkey: generations a second', value: of('portkey') }),
    rowOfMore({ ...informs, measure: 'direct: generations a second', value: of('direct') }),
  ];
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

function round(value: number): number {
  return Number(value.toPrecision(3));
}
