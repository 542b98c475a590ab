import { expect, test } from 'vitest';
import { openServiceDatabase } from '../src/boot/open-database.ts';
import { readConfig } from '../src/config/config.ts';
import type { Database } from '../src/database/database.ts';
import { LATE_INDEXES } from '../src/database/late-indexes.ts';
import { monthsAround } from '../src/database/partitions.ts';
import { DEFAULT_PROJECT_ID } from '../src/domain/project-id.ts';
import { recordPrompts } from './support/search-corpus.ts';
import { openTestData, runHistory, type TestData } from './support/test-history.ts';
import { LIBRARY, undoMigrations } from './support/undo-migrations.ts';

const MONTHS = monthsAround(new Date()).map((month) => month.toISOString().slice(0, 7).replace('-', '_'));

/** A database as the version before left it, updated, with generations. */
async function openUpdated(data: TestData): Promise<Database> {
  const database = await openServiceDatabase(readConfig(data.environment));
  await recordPrompts(database.dataSource, ['狐狸', 'fox', '猫'], [DEFAULT_PROJECT_ID]);
  await database.dataSource.query(`update generation set state = 'failed', outcome = 'unknown'`);
  await undoMigrations(database.dataSource, LIBRARY);
  await database.dataSource.runMigrations({ transaction: 'each' });
  return database;
}

const build = (database: Database, built: string[] = []): Promise<void> =>
  database.buildIndexes(new AbortController().signal, (name) => built.push(name));

/** Which indexes of tables are complete, and how many months each has. */
async function standingOf({ dataSource }: Database): Promise<readonly (readonly [string, boolean, number])[]> {
  const rows = await dataSource.query<{ name: string; is_valid: boolean; months: number }[]>(
    `select relname as name, indisvalid as is_valid, (select count(*)::int from pg_inherits where inhparent = pg_class.oid) as months
     from pg_class join pg_index on indexrelid = pg_class.oid where relname = any($1) order by relname`,
    [LATE_INDEXES],
  );
  return rows.map(({ name, is_valid: isValid, months }) => [name, isValid, months]);
}

const COMPLETE = LATE_INDEXES.toSorted().map((name) => [name, true, MONTHS.length]);

test('an update leaves large indexes for later; they are built month by month, the newest first, and then complete', async () => {
  await using data = await openTestData();
  const database = await openUpdated(data);
  try {
    expect(await standingOf(database)).toEqual(LATE_INDEXES.toSorted().map((name) => [name, false, 0]));
    const built: string[] = [];
    await build(database, built);
    expect(built).toHaveLength(LATE_INDEXES.length * MONTHS.length);
    expect(built[0]?.endsWith(MONTHS.at(-1) ?? '')).toBe(true);
    expect(built.at(-1)?.endsWith(MONTHS[0] ?? '')).toBe(true);
    expect(await standingOf(database)).toEqual(COMPLETE);
    await build(database, built);
    expect(built).toHaveLength(LATE_INDEXES.length * MONTHS.length);
  } finally {
    await database.close();
  }
});

test('what a process that was killed has left is completed: built indexes are kept, invalid ones built again', async () => {
  await using data = await openTestData();
  const database = await openUpdated(data);
  try {
    const { dataSource } = database;
    const stopping = new AbortController();
    const built: string[] = [];
    await database.buildIndexes(stopping.signal, (name) => {
      if (built.push(name) === 3) stopping.abort();
    });
    // One that is built and not attached, and one whose build broke off.
    const month = MONTHS[0] ?? '';
    await dataSource.query(
      `create index generation_failed_${month} on generation_${month} (project_id, id) where state = 'failed'`,
    );
    await dataSource.query(
      `create index generation_deleted_${month} on generation_${month} (project_id, id) where deleted_at is not null`,
    );
    await dataSource.query(
      `update pg_index set indisvalid = false where indexrelid = 'generation_deleted_${month}'::regclass`,
    );
    const oid = async (name: string): Promise<unknown> =>
      (await dataSource.query<{ oid: unknown }[]>(`select '${name}_${month}'::regclass::oid as oid`))[0]?.oid;
    const [kept, broken] = [await oid('generation_failed'), await oid('generation_deleted')];
    await build(database);
    expect(await standingOf(database)).toEqual(COMPLETE);
    expect(await oid('generation_failed')).toEqual(kept);
    expect(await oid('generation_deleted')).not.toEqual(broken);
  } finally {
    await database.close();
  }
});

test('a running service builds them, and of several at the same time one', async () => {
  await using data = await openTestData();
  await (await openUpdated(data)).close();
  const built: string[] = [];
  {
    await using one = await runHistory(data, {}, { longestIntervalMs: 20 });
    const isServer = data.environment['DATABASE_URL'] !== undefined;
    await using other = isServer
      ? await runHistory(data, { DATA_DIR: `${data.dataDir}-2` }, { longestIntervalMs: 20 })
      : null;
    await expect
      .poll(() => {
        built.splice(0);
        for (const line of [...one.logs, ...(other?.logs ?? [])])
          if (line.includes('an index of the update')) built.push(line);
        return built.length;
      })
      .toBe(LATE_INDEXES.length * MONTHS.length);
  }
  const database = await openServiceDatabase(readConfig(data.environment));
  try {
    await build(database);
    expect(await standingOf(database)).toEqual(COMPLETE);
  } finally {
    await database.close();
  }
});

test('months to come have them from the beginning', async () => {
  await using data = await openTestData();
  const database = await openServiceDatabase(readConfig(data.environment));
  try {
    expect(await standingOf(database)).toEqual(COMPLETE);
  } finally {
    await database.close();
  }
});
