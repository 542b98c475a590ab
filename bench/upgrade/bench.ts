import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createDatabase, startPostgres } from '@wan-image/testing/postgres';
import pg from 'pg';
import { startHistory } from '../gateway/history-process.ts';
import { machine } from '../support/machine.ts';
import { row, rowsTable, type Row } from '../support/report.ts';
import { print, store, withFolder } from '../support/results.ts';
import { fill, openBefore } from './old-rows.ts';
import { Watch } from './watch.ts';

const LONGEST_WAIT_MS = 1_000;

/**
 * How long others wait while a database of the version before is updated: `pnpm bench upgrade [--rows <generations>]`. Of the built
 * service, on PostgreSQL. Beside the update, one session inserts, one ends generations and one reads a list, each every 20 ms.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { rows: { type: 'string', default: '1000000' } } });
  const generations = Number(values.rows);
  const about = { machine: machine(), started: new Date().toISOString(), generations };
  print(`${JSON.stringify(about.machine)}\n\n`);
  await using postgres = await startPostgres({ durable: true });
  await using database = await createDatabase(postgres.url);
  const rows = await withFolder((folder) => measure(database.url, folder, generations));
  print(`\n${rowsTable(rows)}\nraw runs: ${await store('upgrade', { ...about, rows })}\n`);
  print(`${JSON.stringify({ bench: 'upgrade', rows })}\n`);
}

async function measure(databaseUrl: string, folder: string, generations: number): Promise<readonly Row[]> {
  await openBefore(databaseUrl, folder);
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await fill(client, generations);
  print(`${generations} generations of the version before are recorded\n`);
  const watch = new Watch(databaseUrl);
  await watch.start();
  await sleep(3_000);
  watch.enter('before');
  await sleep(3_000);
  watch.enter('migration');
  const own = join(folder, 'service');
  await mkdir(own);
  await using service = await startHistory({ upstream: 'http://127.0.0.1:9', databaseUrl, folder: own });
  watch.enter('indexes');
  const started = performance.now();
  while (!(await isIndexed(client))) await sleep(200);
  const indexSeconds = (performance.now() - started) / 1000;
  watch.enter('search index');
  await sleep(20_000);
  const waits = await watch.stop();
  const indexed = await client.query<{ done: string }>(`select done from background_job where kind = 'reindex'`);
  await client.end();
  const work = `${generations} generations`;
  const figure = { work, peer: null, target: null };
  return [
    ...Object.entries(waits).flatMap(([phase, byWork]) =>
      Object.entries(byWork).map(([what, wait]) =>
        row({
          ...figure,
          measure: `${phase}: longest wait of ${what}`,
          value: wait,
          unit: 'ms',
          target: phase === 'before' ? null : LONGEST_WAIT_MS,
        }),
      ),
    ),
    row({ ...figure, measure: 'start with the migration', value: service.readyMs / 1000, unit: 's' }),
    row({ ...figure, measure: 'indexes', value: indexSeconds, unit: 's' }),
    row({ ...figure, measure: 'made searchable meanwhile', value: Number(indexed.rows[0]?.done), unit: 'generations' }),
  ];
}

/** Whether all indexes that a migration has left for later are complete. */
async function isIndexed(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query(
    `select from pg_index join pg_class on pg_class.oid = indexrelid where relkind = 'I' and not indisvalid`,
  );
  return rows.length === 0;
}
