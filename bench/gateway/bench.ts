import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createDatabase, startPostgres } from '@wan-image/testing/postgres';
import { startScript } from '../support/child.ts';
import { machine, versionsOf } from '../support/machine.ts';
import { rowsTable } from '../support/report.ts';
import { keep, print, withFolder } from '../support/results.ts';
import { inFlightRuns, memoryRuns } from './memory.ts';
import { rowsOf, type Run } from './rows.ts';
import type { Place } from './sides.ts';
import { speedRuns } from './speed.ts';
import { startRuns } from './start-time.ts';
import type { StubServer } from './stub-server.ts';

/** Needs `pnpm build`: history is measured as it is built. Of its parts, some alone: `pnpm bench gateway speed`. */
export async function run(): Promise<void> {
  const versions = await versionsOf(['@portkey-ai/gateway']);
  const about = { machine: machine(), versions, started: new Date().toISOString() };
  print(`${JSON.stringify(about.machine)}\n${JSON.stringify(about.versions)}\n`);
  const runs = await allRuns();
  const rows = rowsOf(runs);
  print(`\n${failures(runs)}${rowsTable(rows)}`);
  print(`\nraw runs: ${await keep('gateway', { ...about, rows, runs })}\n`);
  print(`${JSON.stringify({ bench: 'gateway', rows })}\n`);
}

/** None means all. */
const wanted = process.argv.slice(3);

const PARTS: Readonly<Record<string, (place: Place) => Promise<readonly Run[]>>> = {
  start: startRuns,
  speed: speedRuns,
  memory: memoryRuns,
  flight: inFlightRuns,
};

/** Each part has a database and a folder of its own, so that none finds what another left. */
function allRuns(): Promise<readonly Run[]> {
  return withFolder(async (root) => {
    await using server = await startScript<StubServer>(join(import.meta.dirname, 'stub-server.ts'));
    // Whoever commits before the call waits for the disk.
    await using postgres = await startPostgres({ durable: true });
    const runs: Run[] = [];
    for (const [name, part] of Object.entries(PARTS).filter(([key]) => wanted.length === 0 || wanted.includes(key))) {
      const started = Date.now();
      await using database = await createDatabase(postgres.url);
      const folder = join(root, name);
      await mkdir(folder);
      runs.push(...(await part({ upstream: server.url, databaseUrl: database.url, folder })));
      print(`${name}: ${Math.round((Date.now() - started) / 1000)} s\n`);
    }
    return runs;
  });
}

function failures(runs: readonly Run[]): string {
  return runs
    .flatMap((one) => ('error' in one && one.error !== null ? [`${one.work}: ${one.side}: ${one.error}\n`] : []))
    .join('');
}
