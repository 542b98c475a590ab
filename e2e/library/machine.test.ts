import { DANGLING_KEYS_SQL, DANGLING_ROWS_SQL, LibraryMachine } from '@wan-image/testing/library-machine';
import { startPostgres } from '@wan-image/testing/postgres';
import { randomOf } from '@wan-image/testing/random-response';
import { expect, test } from 'vitest';
import { makeTemplates, openInstallation, type Base, type Kind } from '../crash/installation.ts';
import { startSimulatorProcess, type Service } from '../support/service.ts';
import { simulatorCalls } from '../support/simulator-calls.ts';

const STEPS = Number(process.env['MACHINE_STEPS'] ?? 24);
const SEED = Number(process.env['MACHINE_SEED'] ?? 14);

test.each<Kind>(['postgres', 'pglite'])(
  'random changes of a library on %s, with every third process killed: nothing is lost, shown that was deleted, or billed twice',
  async (kind) => {
    await using resources = new AsyncDisposableStack();
    const simulator = resources.use(await startSimulatorProcess(['--port', '0', '--latency', '5']));
    const postgres = resources.use(await startPostgres());
    const templates = resources.use(await makeTemplates(simulator.url, postgres.url));
    const base: Base = { simulatorUrl: simulator.url, postgresUrl: postgres.url, templates };
    const installation = resources.use(await openInstallation(kind, base));
    let service: Service & AsyncDisposable = await installation.start();
    resources.defer(() => service[Symbol.asyncDispose]());
    const machine = new LibraryMachine(
      {
        url: () => service.url,
        async sentPrompts() {
          const { data } = await simulatorCalls(simulator.url);
          return data.map(({ body }) => String(body?.['prompt']));
        },
        async restart() {
          await service.kill('SIGKILL');
          service = await installation.start();
        },
        async sweep() {
          await service.kill('SIGTERM');
          await installation.sweep();
          const { store } = await installation.files();
          service = await installation.start();
          return store;
        },
      },
      randomOf(SEED),
    );
    for (let step = 1; step <= STEPS; step++) {
      await machine.step(step % 3 === 0);
      if (step % 6 === 0) await machine.check();
      if (step % 12 === 0) await machine.sweep();
    }
    await machine.sweep();
    await machine.check();
    await service.kill('SIGTERM');
    const [rows, keys] = await installation.query<[Counted[], { readonly id: string }[]]>([
      DANGLING_ROWS_SQL,
      DANGLING_KEYS_SQL,
    ]);
    expect(rows.filter(({ count }) => count > 0)).toEqual([]);
    expect(keys.map(({ id }) => id).filter((id) => !machine.purged.includes(id))).toEqual([]);
    expect([...machine.counts.values()].reduce((sum, { lost }) => sum + lost, 0)).toBeGreaterThan(0);
  },
  1_200_000,
);

interface Counted {
  readonly rows: string;
  readonly count: number;
}
