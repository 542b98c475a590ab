import { performance } from 'node:perf_hooks';
import { runNode } from '../support/child.ts';

export interface ImportTimes {
  /** Milliseconds from start to exit of a process that imports nothing. */
  readonly empty: readonly number[];
  readonly zod: readonly number[];
  readonly portable: readonly number[];
}

const PROGRAMS: Readonly<Record<keyof ImportTimes, string>> = {
  empty: '',
  zod: `import ${JSON.stringify(import.meta.resolve('zod/mini'))}`,
  portable: `import ${JSON.stringify(import.meta.resolve('@wan-image/core/portable'))}`,
};

/** Times whole processes; in each round one of each kind, one after another. */
export async function importTimes(rounds: number): Promise<ImportTimes> {
  const times = { empty: [] as number[], zod: [] as number[], portable: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    for (const [name, program] of Object.entries(PROGRAMS) as [keyof ImportTimes, string][]) {
      const started = performance.now();
      await runNode(['--input-type=module', '--eval', program]);
      times[name].push(performance.now() - started);
    }
  }
  return times;
}
