import { startPostgres } from '@wan-image/testing/postgres';
import { startSimulatorProcess } from '../support/service.ts';
import { simulatorCalls } from '../support/simulator-calls.ts';
import { Lane, type KillResult } from './lane.ts';
import { makeTemplates, type Kind } from './installation.ts';
import type { CrashPoint } from './points.ts';

export interface CrashResult {
  readonly kind: Kind;
  readonly kills: readonly KillResult[];
  /** The output of each sweep. */
  readonly sweeps: readonly string[];
}

export interface CrashRun {
  readonly results: readonly CrashResult[];
  /** The number of requests; a request that was sent again counts once. */
  readonly sent: number;
  /** The number of calls to the upstream. */
  readonly calls: number;
}

const KINDS: readonly Kind[] = ['postgres', 'pglite'];

/** Services that run at once: enough to keep two cores busy while some of them wait. */
const LANES = 6;

/** Kills the service at each point `times` times, on both databases. Throws when an invariant is violated. */
export async function crash(
  points: readonly CrashPoint[],
  times: number,
  onKill: (killed: number, all: number) => void = () => undefined,
): Promise<CrashRun> {
  await using resources = new AsyncDisposableStack();
  const simulator = resources.use(await startSimulatorProcess(['--port', '0', '--latency', '0']));
  const postgres = resources.use(await startPostgres());
  const templates = resources.use(await makeTemplates(simulator.url, postgres.url));
  const base = { simulatorUrl: simulator.url, postgresUrl: postgres.url, templates };
  const results = KINDS.map((kind) => ({ kind, kills: [] as KillResult[], sweeps: [] as string[] }));
  // Interleaved, so that each installation goes through all kinds of crashes.
  const queues = results.map(() => Array.from({ length: times }, () => points).flat());
  const all = results.length * times * points.length;
  let killed = 0;
  const failed = new AbortController();
  const work = async (at: number): Promise<void> => {
    const result = results[at % results.length];
    const queue = queues[at % queues.length];
    if (result === undefined || queue === undefined) return;
    await using lane = new Lane(result.kind, base);
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
  const { totals } = await simulatorCalls(simulator.url);
  const sent = results.flatMap(({ kills }) => kills).reduce((sum, kill) => sum + kill.sent, 0);
  return { results, sent, calls: totals.calls };
}
