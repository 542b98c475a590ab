import { setTimeout as sleep } from 'node:timers/promises';
import { cpuMs, peakMB, resetPeak, rssMB } from '../support/process-memory.ts';
import { rotated } from '../support/rotated.ts';
import { Caller, type Call } from './caller.ts';
import { RESPONSES } from './responses.ts';
import { openSide, type Setup, type Side, type SideName } from './sides.ts';
import { IN_FLIGHT, LARGE } from './works.ts';

export interface MemoryRun {
  readonly work: 'large' | 'large, slow' | 'inFlight';
  readonly round: number;
  readonly side: SideName;
  /** Of the idle process, after its first hundred responses. */
  readonly baseMB: number;
  readonly peakMB: number;
  readonly wallMs: number;
  readonly cpuMs: number;
  /** Null on success. */
  readonly error: string | null;
  /** Generations with a response that the history does not have as succeeded; null for a side without a history. */
  readonly lost: number | null;
}

type Outcome = Omit<MemoryRun, 'work' | 'round' | 'side'>;

/** A new process for each measurement: one that has used much memory keeps it for the next. */
export async function memoryRuns(setup: Setup): Promise<readonly MemoryRun[]> {
  const runs: MemoryRun[] = [];
  for (const work of ['large', 'large, slow'] as const) {
    for (let round = 0; round < LARGE.rounds; round++) {
      for (const name of rotated(['history', 'portkey'] as const, round)) {
        await using side = await openSide(name, setup);
        const bytesPerSecond = work === 'large' ? {} : { bytesPerSecond: LARGE.slowBytesPerSecond };
        const call: Call = { response: 'large', format: 'b64_json', ...bytesPerSecond };
        runs.push({ work, round, side: name, ...(await atOnce(side, call, LARGE.responses, LARGE.warmUp)) });
      }
    }
  }
  return runs;
}

export async function inFlightRuns(setup: Setup): Promise<readonly MemoryRun[]> {
  const runs: MemoryRun[] = [];
  for (let round = 0; round < IN_FLIGHT.rounds; round++) {
    for (const name of ['history', 'portkey'] as const) {
      await using side = await openSide(name, setup);
      const before = name === 'history' ? await succeeded(side) : 0;
      const call: Call = { response: 'late', format: 'url' };
      const outcome = await atOnce(side, call, IN_FLIGHT.generations, IN_FLIGHT.warmUp);
      const all = IN_FLIGHT.generations + IN_FLIGHT.warmUp;
      const lost = name === 'history' ? all - ((await succeeded(side)) - before) : null;
      runs.push({ work: 'inFlight', round, side: name, ...outcome, lost });
    }
  }
  return runs;
}

/** Lets the work that follows the start, or the run before, end. */
const SETTLE_MS = 2000;

async function atOnce(side: Side, call: Call, count: number, warmUp: number): Promise<Outcome> {
  const { pid } = side;
  if (pid === null) throw new Error(`${side.name} has no process to measure`);
  using caller = new Caller(side, count);
  for (let i = 0; i < warmUp; i++) await caller.call({ response: 'tiny', format: call.format });
  await sleep(SETTLE_MS);
  resetPeak(pid);
  const [baseMB, cpuBefore, started] = [rssMB(pid), cpuMs(pid), performance.now()];
  const error = await allOf(caller, call, count);
  const wallMs = performance.now() - started;
  return { baseMB, peakMB: peakMB(pid), wallMs, cpuMs: cpuMs(pid) - cpuBefore, error, lost: null };
}

async function allOf(caller: Caller, call: Call, count: number): Promise<string | null> {
  const { images, bytes } = RESPONSES[call.response];
  const least = call.format === 'url' ? 0 : images * (bytes ?? 0) * (4 / 3);
  const results = await Promise.allSettled(Array.from({ length: count }, () => caller.call(call)));
  const failed = results.filter((result) => result.status === 'rejected');
  const short = results.filter((result) => result.status === 'fulfilled' && result.value.bytes < least);
  if (failed.length === 0 && short.length === 0) return null;
  return `${failed.length} of ${count} failed, ${short.length} had too few bytes: ${String(failed[0]?.reason)}`;
}

interface Page {
  readonly data: readonly { readonly state: string; readonly images: readonly { readonly state: string }[] }[];
  readonly next_cursor: string | null;
}

/** The number of generations that the history has as succeeded with every image stored. */
async function succeeded(side: Side): Promise<number> {
  let count = 0;
  for (let cursor = ''; ;) {
    const response = await fetch(`${side.url}/v1/generations?limit=100${cursor}`);
    const { data, next_cursor } = (await response.json()) as Page;
    count += data.filter(
      ({ state, images }) => state === 'succeeded' && images.every((image) => image.state === 'stored'),
    ).length;
    if (next_cursor === null) return count;
    cursor = `&cursor=${next_cursor}`;
  }
}
