import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createDatabase } from '@wan-image/testing/postgres';
import { cpuMs } from '../support/process-memory.ts';
import { rotated } from '../support/rotated.ts';
import type { Format } from './caller.ts';
import { OWN_ROOT, startHistory } from './history-process.ts';
import { latencyOf, throughputOf } from './measure.ts';
import { sideOf, type Side } from './sides.ts';
import { CHANGE, FORMATS } from './works.ts';

/** One build in one round. */
export interface ChangeRun {
  readonly work: 'change';
  readonly round: number;
  readonly build: 'old' | 'new';
  readonly format: Format;
  readonly p50Ms: number;
  readonly perSecond: number;
  /** Of the process, with all callers at work. */
  readonly cpuMsPerGeneration: number;
}

export interface ChangeSetup {
  readonly upstream: string;
  /** Each build gets a database of its own on it: their schemas may differ. */
  readonly serverUrl: string;
  readonly folder: string;
  /** Root of the workspace of the old build. */
  readonly oldRoot: string;
}

/** Both builds stay open and take turns in each round, so that what the machine does meanwhile happens to both. */
export async function changeRuns({ oldRoot, ...setup }: ChangeSetup): Promise<readonly ChangeRun[]> {
  await using opened = new AsyncDisposableStack();
  const builds = [
    ['old', await openBuild('old', oldRoot, setup, opened)],
    ['new', await openBuild('new', OWN_ROOT, setup, opened)],
  ] as const;
  const runs: ChangeRun[] = [];
  for (let round = 0; round < CHANGE.rounds; round++) {
    for (const format of FORMATS) {
      for (const [build, side] of rotated(builds, round)) runs.push(await changeRun(build, side, format, round));
    }
  }
  return runs;
}

async function openBuild(
  build: ChangeRun['build'],
  root: string,
  { upstream, serverUrl, folder }: Omit<ChangeSetup, 'oldRoot'>,
  opened: AsyncDisposableStack,
): Promise<Side> {
  const database = opened.use(await createDatabase(serverUrl));
  const own = join(folder, build);
  await mkdir(own);
  const started = await startHistory({ root, upstream, databaseUrl: database.url, folder: own });
  return opened.use(sideOf(build, started));
}

async function changeRun(build: ChangeRun['build'], side: Side, format: Format, round: number): Promise<ChangeRun> {
  const { pid } = side;
  if (pid === null) throw new Error(`The ${build} build has no process`);
  const call = { response: 'real', format } as const;
  const warmUp = round === 0 ? CHANGE.firstWarmUp : CHANGE.warmUp;
  const { p50Ms } = await latencyOf(side, call, warmUp, CHANGE.calls);
  await throughputOf([side], call, CHANGE.callers, CHANGE.warmUpMs);
  const before = cpuMs(pid);
  const { generations, seconds } = await throughputOf([side], call, CHANGE.callers, CHANGE.measuredMs);
  const cpuMsPerGeneration = (cpuMs(pid) - before) / generations;
  return { work: 'change', build, format, round, p50Ms, perSecond: generations / seconds, cpuMsPerGeneration };
}
