import { startPostgres } from '@wan-image/testing/postgres';
import { startSimulatorProcess } from '../support/service.ts';
import { Lane, type KillResult } from './lane.ts';
import { makeTemplates, type Kind } from './place.ts';
import type { CrashPoint } from './points.ts';

export interface CrashResult {
  readonly kind: Kind;
  readonly kills: readonly KillResult[];
  /** What the sweeps said. */
  readonly sweeps: readonly string[];
}

export interface CrashRun {
  readonly results: readonly CrashResult[];
  /** How many requests there were, each counted once however often it was sent. */
  readonly sent: number;
  /** How often the upstream was called in all. */
  readonly calls: number;
}

const KINDS: readonly Kind[] = ['postgres', 'pglite'];

/** How many services live at once: as many as keep two cores busy, though some wait. */
const LANES = 6;

/** Kills the service at every point so many times, on both databases. Throws what did not hold. */
export async function crash(
  points: readonly CrashPoint[],
  times: number,
  onKill: (killed: number, all: number) => void = () => undefined,
): Promise<CrashRun> {
  await using resources = new AsyncDisposableStack();
  const simulator = resources.use(await startSimulatorProcess(['--port', '0', '--latency', '0']));
  const postgres = resources.use(await startPostgres());
  const templates = resources.use(await makeTemplates(simulator.url, postgres.url));
  const ground = { simulatorUrl: simulator.url, postgresUrl: postgres.url, templates };
  const results = KINDS.map((kind) => ({ kind, kills: [] as KillResult[], sweeps: [] as string[] }));
  // In turn, so that one place sees all kinds of crashes one after the other.
  const queues = results.map(() => Array.from({ length: times }, () => points).flat());
  const all = results.length * times * points.length;
  let killed = 0;
  const failed = new AbortController();
  const work = async (at: number): Promise<void> => {
    const result = results[at % results.length];
    const queue = queues[at % queues.length];
    if (result === undefined || queue === undefined) return;
    await using lane = new Lane(result.kind, ground);
    try {
      for (let point = queue.shift(); point !== undefined && !failed.signal.aborted; point = queue.shift()) {
        result.kills.push(await lane.kill(point));
        onKill(++killed, all);
      }
      await lane.close();
      result.sweeps.push(...lane.swept);
    } catch (error) {
      failed.abort();
      throw error;
    }
  };
  await Promise.all(Array.from({ length: LANES }, (_, at) => work(at)));
  const response = await fetch(`${simulator.url}/simulator/calls`);
  const { totals } = (await response.json()) as { totals: { calls: number } };
  const sent = results.flatMap(({ kills }) => kills).reduce((sum, kill) => sum + kill.sent, 0);
  if (totals.calls > sent) throw new Error(`The upstream was asked ${totals.calls} times for ${sent} requests`);
  return { results, sent, calls: totals.calls };
}
