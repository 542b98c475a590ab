import { parseArgs } from 'node:util';
import type { PostgresServer } from '@wan-image/testing/postgres';
import { startHistory } from '../gateway/history-process.ts';
import { machine } from '../support/machine.ts';
import { rowsTable, table, type Row } from '../support/report.ts';
import { print, store, withFolder } from '../support/results.ts';
import { ingest, rowsOfIngest, type IngestRun } from './ingest.ts';
import { measureLists } from './lists.ts';
import { make } from './make.ts';
import { rowsOfDurations, workOf, type Measured } from './measured.ts';
import { RARE_TOGETHER } from './queries.ts';
import { ADMIN_KEY, Reader } from './reader.ts';
import { measureRecall } from './recall.ts';
import { measureRetention, rowsOfRetention, type RetentionRun } from './retention.ts';
import { measureSearches } from './searches.ts';
import { databaseOf, hasDatabase, KEPT, SETTINGS, startServer, urlOf, withClient, withCopy } from './server.ts';
import { sizeRows } from './sizes.ts';
import { measureStatistics, statisticsDatabase } from './statistics.ts';

const PARTS = ['lists', 'searches', 'recall', 'sizes', 'ingest', 'statistics', 'retention'] as const;
type Part = (typeof PARTS)[number];

const HELP = `pnpm bench history make [--rows 1000000]           fills a database with so many generations
pnpm bench history [part …] [--rows 10000,1000000]  measures those that there are, or makes them first

Parts: ${PARTS.join(', ')}; all of them when none is named. With several numbers, a table shows how the figures grow.

The databases stay in ${KEPT}, on PostgreSQL from npm; delete the folder to free the disk. A million generations take
5 GB and some minutes to make. Needs Linux and an otherwise idle machine.
`;

/** Copies for the measurements of writes: in turns. */
const INGEST_ROUNDS = 2;

/** Measures history as it is built: `pnpm bench` builds it first. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { rows: { type: 'string', default: '1000000' }, help: { type: 'boolean' } },
    allowPositionals: true,
  });
  if (values.help === true) return print(HELP);
  const sizes = sizesOf(values.rows);
  const [command] = positionals;
  const unknown = positionals.find((name) => command !== 'make' && !(PARTS as readonly string[]).includes(name));
  if (unknown !== undefined) throw new Error(`There is no part "${unknown}". There are: ${PARTS.join(', ')}`);
  const parts = positionals.length === 0 ? PARTS : (positionals as readonly Part[]);
  const about = { machine: machine(), settings: SETTINGS, started: new Date().toISOString() };
  await using server = await startServer();
  const postgres = await withClient(server.url, async (client) => {
    const { rows } = await client.query<{ server_version: string }>('show server_version');
    return rows[0]?.server_version;
  });
  print(`${JSON.stringify({ ...about.machine, postgres })}\n`);
  // The only part that has a database of its own.
  const needed = parts.every((part) => part === 'statistics') ? [] : sizes;
  for (const rows of needed)
    if (command === 'make' || !(await hasDatabase(server, databaseOf(rows)))) await make(server, rows);
  if (command === 'make') return undefined;
  const rows: Row[] = [];
  const runs: object[] = [];
  for (const size of needed) {
    const measured = await measure(server, size, parts);
    rows.push(...measured.rows);
    runs.push(...measured.runs);
  }
  if (parts.includes('statistics')) {
    const measured = await withService(await statisticsDatabase(server), measureStatistics);
    rows.push(...rowsOfDurations(measured, ({ work }) => (work.endsWith('in a project') ? 50 : null)));
    runs.push(...measured);
  }
  print(`\n${sizes.length > 1 ? growth(rows, sizes) : rowsTable(rows)}`);
  print(`\nraw runs: ${await store('history', { ...about, postgres, rows, runs })}\n`);
  print(`${JSON.stringify({ bench: 'history', rows })}\n`);
  return undefined;
}

function sizesOf(text: string): readonly number[] {
  const sizes = text.split(',').map(Number);
  if (sizes.some((size) => !Number.isSafeInteger(size) || size < 1))
    throw new Error('--rows takes numbers of generations, such as 10000,1000000');
  return sizes;
}

interface Result {
  readonly rows: readonly Row[];
  readonly runs: readonly object[];
}

async function measure(server: PostgresServer, size: number, parts: readonly Part[]): Promise<Result> {
  const url = urlOf(server, databaseOf(size));
  const rows: Row[] = [];
  const runs: object[] = [];
  const add = (measured: readonly Measured[], target: (one: Measured) => number | null): void => {
    rows.push(...rowsOfDurations(measured, target));
    runs.push(...measured);
  };
  const has = (part: Part): boolean => parts.includes(part);
  if (has('lists') || has('searches') || has('recall')) {
    await withService(url, async (reader) => {
      if (has('lists')) add(await measureLists(reader, size), () => 15);
      if (has('searches')) add(await measureSearches(reader, size), searchTarget);
      if (has('recall')) rows.push(...(await withClient(url, (client) => measureRecall(client, reader, size))));
    });
  }
  if (has('sizes')) rows.push(...(await withClient(url, (client) => sizeRows(client, size))));
  if (has('ingest')) {
    const ingested = await ingestRuns(server, size);
    rows.push(...rowsOfIngest(ingested, size));
    runs.push(...ingested);
  }
  if (has('retention')) {
    const deleting = await retentionRun(server, size, null);
    const idle = await retentionRun(server, size, deleting.seconds);
    rows.push(...rowsOfRetention(deleting, idle));
    runs.push(deleting, idle);
  }
  return { rows, runs };
}

/** On a copy, until a quarter of the generations is deleted or, with `seconds`, for as long without that. */
function retentionRun(server: PostgresServer, size: number, seconds: number | null): Promise<RetentionRun> {
  return withCopy(server, databaseOf(size), (url) =>
    withServiceAt(url, (serviceUrl) =>
      measureRetention(url, size, { openReader: () => new Reader(serviceUrl), seconds }),
    ),
  );
}

function searchTarget({ work }: Measured): number | null {
  if (work.includes(RARE_TOGETHER)) return null;
  return work.endsWith('over all projects') ? 500 : 300;
}

function withService<T>(databaseUrl: string, use: (reader: Reader) => Promise<T>): Promise<T> {
  return withServiceAt(databaseUrl, async (url) => {
    using reader = new Reader(url);
    return await use(reader);
  });
}

function withServiceAt<T>(databaseUrl: string, use: (url: string) => Promise<T>): Promise<T> {
  return withFolder(async (folder) => {
    await using service = await startHistory({
      upstream: 'http://127.0.0.1:9',
      databaseUrl,
      folder,
      environment: { ADMIN_API_KEY: ADMIN_KEY, LOG_LEVEL: 'warn' },
    });
    return await use(service.url);
  });
}

/** A copy of its own for each run: with the same rows, and none of another run. */
async function ingestRuns(server: PostgresServer, size: number): Promise<readonly IngestRun[]> {
  const runs: IngestRun[] = [];
  for (let round = 0; round < INGEST_ROUNDS; round++) {
    for (const hasSearch of round % 2 === 0 ? [true, false] : [false, true])
      runs.push(await withCopy(server, databaseOf(size), (url) => ingest(url, size, hasSearch)));
  }
  return runs;
}

/** The same work on each database, beside each other. */
function growth(rows: readonly Row[], sizes: readonly number[]): string {
  const suffixes = sizes.map((size) => workOf('', size));
  const lines = new Map<string, Row[]>();
  for (const one of rows) {
    const name = suffixes.reduce((work, suffix) => work.replace(suffix, ''), one.work);
    const key = JSON.stringify([name, one.measure, one.unit]);
    lines.set(key, [...(lines.get(key) ?? []), one]);
  }
  const head = ['work', 'measure', 'unit', ...sizes.map((size) => size.toLocaleString('en')), 'target', 'met'];
  return table(
    head,
    Array.from(lines, ([key, bySize]) => lineOf(JSON.parse(key) as string[], bySize)),
  );
}

function lineOf(names: readonly string[], bySize: readonly Row[]): readonly string[] {
  const last = bySize.at(-1);
  const isMet = last?.met ?? null;
  const values = bySize.map(({ value }) => String(value));
  return [...names, ...values, String(last?.target ?? ''), isMet === null ? '' : isMet ? 'yes' : 'NO'];
}
