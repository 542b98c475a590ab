import { startHistory } from './history-process.ts';
import type { Setup } from './sides.ts';
import { START } from './works.ts';

export interface StartRun {
  readonly work: 'start';
  readonly round: number;
  readonly database: 'PGlite' | 'PostgreSQL';
  readonly readyMs: number;
}

/** Each on an existing database. */
export async function startRuns({ upstream, folder, databaseUrl }: Setup): Promise<readonly StartRun[]> {
  const runs: StartRun[] = [];
  // The first round creates the database and warms the disk.
  for (let round = -1; round < START.rounds; round++) {
    for (const database of ['PGlite', 'PostgreSQL'] as const) {
      const url = database === 'PGlite' ? null : databaseUrl;
      await using started = await startHistory({ upstream, folder, databaseUrl: url });
      if (round >= 0) runs.push({ work: 'start', round, database, readyMs: started.readyMs });
    }
  }
  return runs;
}
