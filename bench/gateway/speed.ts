import { rotated } from '../support/rotated.ts';
import type { Format } from './caller.ts';
import { latencyOf, throughputOf, type Latency } from './measure.ts';
import { openReplica, openSide, SIDE_NAMES, type Setup, type Side, type SideName } from './sides.ts';
import { FORMATS, LATENCY, RATE } from './works.ts';

interface Speed {
  readonly round: number;
  readonly format: Format;
}

export interface LatencyRun extends Speed, Latency {
  readonly work: 'latency';
  readonly side: SideName;
}

export interface RateRun extends Speed {
  readonly work: 'rate';
  readonly side: SideName | 'two processes';
  readonly perSecond: number;
}

/** All sides stay open and take turns, each round beginning with another; no two of them are measured at the same time. */
export async function speedRuns(setup: Setup): Promise<readonly (LatencyRun | RateRun)[]> {
  await using opened = new AsyncDisposableStack();
  const sides = new Map<SideName, Side>();
  for (const name of SIDE_NAMES) sides.set(name, opened.use(await openSide(name, setup)));
  const runs: (LatencyRun | RateRun)[] = [];
  for (let round = 0; round < LATENCY.rounds; round++) {
    for (const format of FORMATS) {
      for (const [name, side] of rotated([...sides], round)) runs.push(await latencyRun(name, side, format, round));
    }
  }
  for (let round = 0; round < RATE.rounds; round++) {
    for (const format of FORMATS) {
      for (const [name, side] of rotated([...sides], round)) runs.push(await rateRun(name, [side], format, round));
    }
  }
  const history = sides.get('history');
  if (history === undefined) return runs;
  // Started only now: an idle process would still take a part of what is measured above.
  const replica = opened.use(await openReplica(setup));
  for (let round = 0; round < RATE.rounds; round++) {
    for (const format of FORMATS) runs.push(await rateRun('two processes', [history, replica], format, round));
  }
  return runs;
}

async function latencyRun(name: SideName, side: Side, format: Format, round: number): Promise<LatencyRun> {
  const warmUp = round === 0 ? LATENCY.firstWarmUp : LATENCY.warmUp;
  const latency = await latencyOf(side, { response: 'tiny', format }, warmUp, LATENCY.calls);
  return { work: 'latency', side: name, format, round, ...latency };
}

async function rateRun(name: RateRun['side'], sides: readonly Side[], format: Format, round: number): Promise<RateRun> {
  const call = { response: 'tiny', format } as const;
  await throughputOf(sides, call, RATE.callers, RATE.warmUpMs);
  const { generations, seconds } = await throughputOf(sides, call, RATE.callers, RATE.measuredMs);
  return { work: 'rate', side: name, format, round, perSecond: generations / seconds };
}
