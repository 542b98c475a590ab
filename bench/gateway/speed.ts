import { median, quantile } from '../support/report.ts';
import { rotated } from '../support/rotated.ts';
import { Caller, type Format } from './caller.ts';
import { openSide, SIDE_NAMES, type Place, type Side, type SideName } from './sides.ts';
import { FORMATS, LATENCY, RATE } from './works.ts';

interface Speed {
  readonly round: number;
  readonly side: SideName;
  readonly format: Format;
}

export interface LatencyRun extends Speed {
  readonly work: 'latency';
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface RateRun extends Speed {
  readonly work: 'rate';
  readonly perSecond: number;
}

/** All sides stay open and take turns, each round beginning with another; nothing of two runs at the same time. */
export async function speedRuns(place: Place): Promise<readonly (LatencyRun | RateRun)[]> {
  await using opened = new AsyncDisposableStack();
  const sides: Side[] = [];
  for (const name of SIDE_NAMES) sides.push(opened.use(await openSide(name, place)));
  const runs: (LatencyRun | RateRun)[] = [];
  for (let round = 0; round < LATENCY.rounds; round++) {
    for (const format of FORMATS) {
      for (const side of rotated(sides, round)) runs.push(await latency(side, format, round));
    }
  }
  for (let round = 0; round < RATE.rounds; round++) {
    for (const format of FORMATS) {
      for (const side of rotated(sides, round)) runs.push(await rate(side, format, round));
    }
  }
  return runs;
}

async function latency(side: Side, format: Format, round: number): Promise<LatencyRun> {
  using caller = new Caller(side, 1);
  for (let i = 0; i < (round === 0 ? LATENCY.warmUp : 20); i++) await caller.call({ response: 'tiny', format });
  const times: number[] = [];
  for (let i = 0; i < LATENCY.calls; i++) times.push((await caller.call({ response: 'tiny', format })).ms);
  return { work: 'latency', side: side.name, format, round, p50Ms: median(times), p99Ms: quantile(times, 0.99) };
}

async function rate(side: Side, format: Format, round: number): Promise<RateRun> {
  using caller = new Caller(side, RATE.callers);
  await responsesWithin(caller, format, RATE.warmUpMs);
  const started = performance.now();
  const responses = await responsesWithin(caller, format, RATE.measuredMs);
  const perSecond = (responses / (performance.now() - started)) * 1000;
  return { work: 'rate', side: side.name, format, round, perSecond };
}

/** Each caller sends its next as soon as it has its answer. */
async function responsesWithin(caller: Caller, format: Format, durationMs: number): Promise<number> {
  const end = performance.now() + durationMs;
  let responses = 0;
  const callAgain = async (): Promise<void> => {
    while (performance.now() < end) {
      await caller.call({ response: 'tiny', format });
      responses++;
    }
  };
  await Promise.all(Array.from({ length: RATE.callers }, callAgain));
  return responses;
}
