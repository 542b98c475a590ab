import { rotated } from '../support/rotated.ts';
import { promptOf } from './responses.ts';
import { DOWNLOADS, SIDE_NAMES, type SideName } from './sides.ts';
import { Workbench, type Measured, type Setup } from './workbench.ts';
import { WORKS, type WorkKey } from './works.ts';

/** One measurement, as it is stored. */
export interface Run {
  readonly work: WorkKey;
  readonly round: number;
  readonly side: SideName;
  readonly result: Measured;
}

/** Memory: a new n8n for each measurement, because one that has used much memory keeps it for the next. */
export async function memoryRuns(setup: Setup): Promise<readonly Run[]> {
  const runs: Run[] = [];
  for (let round = 0; round < WORKS.set.rounds; round++) {
    for (const side of rotated(SIDE_NAMES, round)) {
      await using bench = await Workbench.open([side], setup);
      // Loads what n8n loads on first use, so that it is not measured.
      await bench.run(side, WORKS.nothing.prompts);
      for (const work of ['nothing', 'set'] as const) runs.push(await measured(bench, { work, round, side }));
    }
  }
  return runs;
}

/** Memory of downloads, as of generations. */
export async function downloadRuns(setup: Setup): Promise<readonly Run[]> {
  const runs: Run[] = [];
  for (let round = 0; round < WORKS.downloads.rounds; round++) {
    await using bench = await Workbench.open([DOWNLOADS], setup);
    await bench.run(DOWNLOADS, [promptOf('recordedSmall', 0)]);
    runs.push(await measured(bench, { work: 'downloads', round, side: DOWNLOADS }));
  }
  return runs;
}

/** Time: all sides in one n8n, one after the other. */
export async function timeRuns(setup: Setup): Promise<readonly Run[]> {
  await using bench = await Workbench.open(SIDE_NAMES, setup);
  for (const side of SIDE_NAMES) await bench.run(side, WORKS.nothing.prompts);
  const runs: Run[] = [];
  for (let round = 0; round < WORKS.items.rounds; round++) {
    for (const side of rotated(SIDE_NAMES, round)) runs.push(await measured(bench, { work: 'items', round, side }));
  }
  return runs;
}

async function measured(bench: Workbench, about: Omit<Run, 'result'>): Promise<Run> {
  const { work, side } = about;
  const { prompts } = WORKS[work];
  const result = await bench.run(side, prompts);
  // A node that is fast only because it sent other requests is not measured.
  if (result.calls !== prompts.length)
    throw new Error(`${side} sent ${result.calls} requests instead of ${prompts.length}`);
  return { ...about, result };
}
