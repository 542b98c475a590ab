import { median, row, rowOfMore, type Row } from '../support/report.ts';
import type { Format } from './caller.ts';
import type { SideName } from './sides.ts';
import type { LatencyRun, RateRun } from './speed.ts';
import { WORKS } from './works.ts';

/** Portkey keeps nothing, so its figures only inform: a durable row and a synced image are what history is for. */
export function latencyRows(runs: readonly LatencyRun[], format: Format): readonly Row[] {
  const of = (side: SideName) => addedMs(runs, side, format);
  const [history, floor, portkey] = [of('history'), of('floor'), of('portkey')];
  const ratios = history.map(({ round, p50 }) => p50 / (floor.find((one) => one.round === round)?.p50 ?? Number.NaN));
  const facts = { work: WORKS[`latency ${format}`], unit: 'ms', peer: null, target: null };
  const p99 = 'added latency p99, over the median of direct';
  return [
    row({
      ...facts,
      measure: 'added latency p50 / that of floor',
      value: median(ratios),
      unit: 'x',
      peer: 'floor',
      target: 1.5,
    }),
    row({ ...facts, measure: p99, value: median(history.map((one) => one.p99)), target: 15 }),
    row({ ...facts, measure: 'added latency p50', value: median(history.map((one) => one.p50)) }),
    row({ ...facts, measure: 'floor: added latency p50', value: median(floor.map((one) => one.p50)) }),
    row({ ...facts, measure: `floor: ${p99}`, value: median(floor.map((one) => one.p99)) }),
    row({ ...facts, measure: 'portkey: added latency p50', value: median(portkey.map((one) => one.p50)) }),
    row({ ...facts, measure: `portkey: ${p99}`, value: median(portkey.map((one) => one.p99)) }),
  ];
}

interface AddedMs {
  readonly round: number;
  readonly p50: number;
  readonly p99: number;
}

/** Over direct in the same round, which the machine slows down as much. */
function addedMs(runs: readonly LatencyRun[], side: SideName, format: Format): readonly AddedMs[] {
  const own = runs.filter((run) => run.format === format);
  return own.flatMap(({ side: name, round, p50Ms, p99Ms }) => {
    const direct = own.find((other) => other.side === 'direct' && other.round === round);
    if (name !== side || direct === undefined) return [];
    return [{ round, p50: p50Ms - direct.p50Ms, p99: p99Ms - direct.p50Ms }];
  });
}

export function rateRows(runs: readonly RateRun[], format: Format): readonly Row[] {
  const own = runs.filter((run) => run.format === format);
  const of = (name: RateRun['side']) => own.filter(({ side }) => side === name);
  const perSecond = (name: RateRun['side']) => median(of(name).map((run) => run.perSecond));
  const ratios = of('history').map(
    (run) => run.perSecond / (of('floor').find(({ round }) => round === run.round)?.perSecond ?? Number.NaN),
  );
  const facts = { work: WORKS[`rate ${format}`], unit: '1/s', peer: null, target: null };
  return [
    rowOfMore({
      ...facts,
      measure: 'generations a second / those of floor',
      value: median(ratios),
      unit: 'x',
      peer: 'floor',
      target: 0.6,
    }),
    rowOfMore({ ...facts, measure: 'generations a second', value: perSecond('history') }),
    // Callers, stub, database and both processes share the cores, so below six this says more of them than of history.
    rowOfMore({ ...facts, measure: 'two processes: generations a second', value: perSecond('two processes') }),
    rowOfMore({ ...facts, measure: 'floor: generations a second', value: perSecond('floor') }),
    rowOfMore({ ...facts, measure: 'portkey: generations a second', value: perSecond('portkey') }),
    rowOfMore({ ...facts, measure: 'direct: generations a second', value: perSecond('direct') }),
  ];
}
