import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DANGLING_KEYS_SQL, DANGLING_ROWS_SQL, LibraryMachine } from '@wan-image/testing/library-machine';
import { randomOf } from '@wan-image/testing/random-response';
import { expect, test } from 'vitest';
import { openServiceDatabase } from '../src/boot/open-database.ts';
import { readConfig } from '../src/config/config.ts';
import { sweepAll } from './support/sweep-all.ts';
import {
  openTestData,
  runHistory,
  runSimulator,
  upstreamAt,
  type RunningHistory,
  type TestData,
} from './support/test-history.ts';

const STEPS = Number(process.env['MACHINE_STEPS'] ?? 15);

/** With processes that end as they should; `e2e/library-machine.test.ts` kills them. */
test('whatever is changed, and in whatever order: nothing is lost, shown that was deleted, or billed twice', async () => {
  await using testData = await openTestData();
  await using simulator = await runSimulator();
  const prompts = (): readonly string[] =>
    simulator.calls.map(({ body }) => (body as { readonly prompt?: string } | null)?.prompt ?? '');
  let history = await start(testData, simulator.url);
  const machine = new LibraryMachine(
    {
      url: () => history.url,
      sentPrompts: () => Promise.resolve(prompts()),
      async restart() {
        await history.close();
        history = await start(testData, simulator.url);
      },
      async sweep() {
        await history.close();
        await sweepAll(testData);
        const files = await filesOf(testData);
        history = await start(testData, simulator.url);
        return files;
      },
    },
    randomOf(Number(process.env['MACHINE_SEED'] ?? 14)),
  );
  for (let step = 1; step <= STEPS; step++) {
    await machine.step(step % 10 === 0);
    if (step % 5 === 0) await machine.check();
  }
  await machine.sweep();
  await machine.check();
  await history.close();
  expect(await danglingRows(testData, machine.purged)).toEqual([]);
});

function start(testData: TestData, upstream: string): Promise<RunningHistory & AsyncDisposable> {
  return runHistory(testData, upstreamAt(upstream), { longestIntervalMs: 200 });
}

async function filesOf({ dataDir }: TestData): Promise<readonly string[]> {
  const entries = await readdir(join(dataDir, 'images'), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile() && entry.name !== 'owner').map(({ name }) => name);
}

/** Rows that refer to nothing, and idempotency keys of what was not deleted for good. */
async function danglingRows({ environment }: TestData, purged: readonly string[]): Promise<readonly unknown[]> {
  const database = await openServiceDatabase(readConfig(environment));
  try {
    const rows = await database.dataSource.query<{ rows: string; count: number }[]>(DANGLING_ROWS_SQL);
    const keys = await database.dataSource.query<{ id: string }[]>(DANGLING_KEYS_SQL);
    return [...rows.filter(({ count }) => count > 0), ...keys.filter(({ id }) => !purged.includes(id))];
  } finally {
    await database.close();
  }
}
