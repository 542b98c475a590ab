import { median, quantile } from '../support/report.ts';
import { Caller, type Call } from './caller.ts';
import type { Side } from './sides.ts';

export interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** One caller, one generation after another. */
export async function latencyOf(side: Side, call: Call, warmUp: number, calls: number): Promise<Latency> {
  using caller = new Caller(side, 1);
  for (let i = 0; i < warmUp; i++) await caller.call(call);
  const times: number[] = [];
  for (let i = 0; i < calls; i++) times.push((await caller.call(call)).ms);
  return { p50Ms: median(times), p99Ms: quantile(times, 0.99) };
}

export interface Throughput {
  readonly generations: number;
  readonly seconds: number;
}

/** Callers at once, shared by the sides: each sends its next request as soon as its response has arrived. */
export async function throughputOf(
  sides: readonly Side[],
  call: Call,
  callers: number,
  durationMs: number,
): Promise<Throughput> {
  const started = performance.now();
  const counts = await Promise.all(
    sides.map((side) => generationsWithin(side, call, callers / sides.length, durationMs)),
  );
  const generations = counts.reduce((sum, count) => sum + count, 0);
  return { generations, seconds: (performance.now() - started) / 1000 };
}

async function generationsWithin(side: Side, call: Call, callers: number, durationMs: number): Promise<number> {
  using caller = new Caller(side, callers);
  const end = performance.now() + durationMs;
  let generations = 0;
  const callAgain = async (): Promise<void> => {
    while (performance.now() < end) {
      await caller.call(call);
      generations++;
    }
  };
  await Promise.all(Array.from({ length: callers }, callAgain));
  return generations;
}
