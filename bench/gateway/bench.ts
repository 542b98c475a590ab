import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createDatabase, startPostgres } from '@wan-image/testing/postgres';
import { startScript } from '../support/child.ts';
import { machine, versionsOf } from '../support/machine.ts';
import { rowsTable, type Row } from '../support/report.ts';
import { print, store, withFolder } from '../support/results.ts';
import { changeRows } from './change-rows.ts';
import { changeRuns } from './change.ts';
import { inFlightRuns, memoryRuns } from './memory.ts';
import { buildOf } from './old-build.ts';
import { rowsOf, type Run } from './rows.ts';
import type { Setup } from './sides.ts';
import { speedRuns } from './speed.ts';
import { startRuns } from './start-time.ts';
import type { StubServer } from './stub-server.ts';

const PARTS: Readonly<Record<string, (setup: Setup) => Promise<readonly Run[]>>> = {
  start: startRuns,
  speed: speedRuns,
  memory: memoryRuns,
  flight: inFlightRuns,
};

const HELP = `pnpm bench gateway [part …]            history beside the floor and @portkey-ai/gateway
pnpm bench gateway --against <commit>  history as it is built beside history at that commit

Parts: ${Object.keys(PARTS).join(', ')}; all of them when none is named.

--against builds history of that commit in a temporary worktree, which it removes in the end. Both builds take
turns on the same PostgreSQL server, before the same stub. The rows are medians of the ratios of each round.

Needs Linux and PostgreSQL from npm. Run it on an otherwise idle machine.
`;

/** Measures history as it is built: `pnpm bench` builds it first. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { against: { type: 'string' }, help: { type: 'boolean' } },
    allowPositionals: true,
  });
  const unknown = positionals.find((name) => !Object.hasOwn(PARTS, name));
  if (unknown !== undefined)
    throw new Error(`There is no part "${unknown}". There are: ${Object.keys(PARTS).join(', ')}`);
  if (values.help === true) return print(HELP);
  const versions = await versionsOf(['@portkey-ai/gateway']);
  const about = { machine: machine(), versions, started: new Date().toISOString() };
  print(`${JSON.stringify(about.machine)}\n${JSON.stringify(about.versions)}\n`);
  const measured = values.against === undefined ? await beside(positionals) : await against(values.against);
  print(`\n${failures(measured.runs)}${rowsTable(measured.rows)}`);
  print(`\nraw runs: ${await store('gateway', { ...about, ...measured })}\n`);
  print(`${JSON.stringify({ bench: 'gateway', rows: measured.rows })}\n`);
}

interface Measured {
  readonly rows: readonly Row[];
  readonly runs: readonly object[];
}

/** Each part has a database and a folder of its own, so that none finds what another left behind. */
async function beside(names: readonly string[]): Promise<Measured> {
  const runs = await withUpstream(async ({ upstream, serverUrl, folder: root }) => {
    const all: Run[] = [];
    for (const [name, runPart] of Object.entries(PARTS)) {
      if (names.length > 0 && !names.includes(name)) continue;
      const started = Date.now();
      await using database = await createDatabase(serverUrl);
      const folder = join(root, name);
      await mkdir(folder);
      all.push(...(await runPart({ upstream, databaseUrl: database.url, folder })));
      print(`${name}: ${Math.round((Date.now() - started) / 1000)} s\n`);
    }
    return all;
  });
  return { rows: rowsOf(runs), runs };
}

async function against(commit: string): Promise<Measured> {
  await using old = await buildOf(commit);
  print(`built ${old.commit}\n`);
  const runs = await withUpstream((setup) => changeRuns({ ...setup, oldRoot: old.root }));
  return { rows: changeRows(runs, old.commit), runs };
}

interface Upstream {
  readonly upstream: string;
  readonly serverUrl: string;
  readonly folder: string;
}

function withUpstream<T>(use: (setup: Upstream) => Promise<T>): Promise<T> {
  return withFolder(async (folder) => {
    await using server = await startScript<StubServer>(join(import.meta.dirname, 'stub-server.ts'));
    // A gateway that commits before it calls the upstream waits for the disk.
    await using postgres = await startPostgres({ durable: true });
    return await use({ upstream: server.url, serverUrl: postgres.url, folder });
  });
}

function failures(runs: readonly object[]): string {
  const failed = runs.filter((one): one is Failed => 'error' in one && one.error !== null);
  return failed.map(({ work, side, error }) => `${work}: ${side}: ${error}\n`).join('');
}

interface Failed {
  readonly work: string;
  readonly side: string;
  readonly error: string;
}
