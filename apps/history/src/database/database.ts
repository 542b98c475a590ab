import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { createPgConfig } from '@electric-sql/pglite/node-postgres';
import type { Provider } from '@nestjs/common';
import pg from 'pg';
import { DataSource, type DataSourceOptions } from 'typeorm';
import type { Config } from '../config/config.ts';
import { DiskReserve } from '../storage/disk-reserve.ts';
import { lockFolder } from '../storage/folder-lock.ts';
import { makeFolders } from '../storage/make-folders.ts';
import { DatabaseClock } from './database-clock.ts';
import { isFirstStart } from './first-start.ts';
import { buildMissingIndexes, hasMissingIndexes, type RunStatement } from './late-indexes.ts';
import { READ_POOL_SIZE, WRITE_POOL_SIZE } from './limits.ts';
import type { Session, UpkeepOptions } from './months.ts';
import { ensurePartitions, hasPartitions } from './partitions.ts';
import { isDue, maintain } from './upkeep.ts';

/** The database, migrated and ready. */
export interface Database {
  readonly dataSource: DataSource;
  /** For reads, key checks and heartbeats: with connections of its own, unless there is only one. */
  readonly reads: DataSource;
  /** Whether no other process can use it: true for PGlite, which is locked. */
  readonly exclusive: boolean;
  readonly clock: DatabaseClock;
  /** What keeps room on the disk of an embedded database; null for a server. */
  readonly reserve: DiskReserve | null;
  /** Creates the partitions of the coming months. */
  prepareMonths(): Promise<void>;
  /** Builds the indexes that a migration has left for later, unless another process is at it. Stops as soon as the signal says so. */
  buildIndexes(signal: AbortSignal, onBuild?: (name: string) => void): Promise<void>;
  /** Gives back the room of what was deleted, once a day, unless another process is at it. Stops soon after the signal says so. */
  freeSpace(signal: AbortSignal, onFreed?: UpkeepOptions['onFreed']): Promise<void>;
  close(): Promise<void>;
}

/** Injection token of {@link Database.reads}. */
export const READS = Symbol('READS');

/** Provides the data sources for injection. Only repositories import their class. */
export function dataSourceProviders({ dataSource, reads }: Database): Provider[] {
  return [
    { provide: DataSource, useValue: dataSource },
    { provide: READS, useValue: reads },
  ];
}

/** Key of the advisory lock: any number that no other software on the same database uses. */
const MIGRATION_LOCK = 7_270_155_001;
const INDEX_LOCK = 7_270_155_002;
const UPKEEP_LOCK = 7_270_155_003;

/** The entities of the service and its migrations. */
export type Schema = Required<Pick<DataSourceOptions, 'entities' | 'migrations'>>;

/** Opens the database and migrates it to the schema. `onSetUp` is called before an embedded one makes its files, which takes seconds. */
export async function openDatabase(
  config: Pick<Config, 'databaseUrl' | 'dataDir'>,
  schema: Schema,
  onSetUp?: () => void,
): Promise<Database> {
  const database =
    config.databaseUrl === null
      ? await openPglite(config.dataDir, schema, onSetUp)
      : await openPostgres(config.databaseUrl, schema);
  try {
    await database.migrate();
    await database.clock.sync();
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** How long to wait for a connection, and for the result of a query, before the database counts as unreachable. */
const CONNECT_TIMEOUT_MS = 5_000;
const QUERY_TIMEOUT_MS = 30_000;

type Opened = Database & { migrate(): Promise<void> };

/** The database's time, in milliseconds since 1970. */
async function timeOf(dataSource: DataSource): Promise<number> {
  const [row] = await dataSource.query<{ time: number }[]>(
    'select (extract(epoch from clock_timestamp()) * 1000)::float8 as time',
  );
  if (row === undefined) throw new Error('The database did not return its time');
  return row.time;
}

async function migrate(dataSource: DataSource): Promise<void> {
  await dataSource.runMigrations({ transaction: 'each' });
  await ensurePartitions(dataSource, new Date(await timeOf(dataSource)));
}

async function openPglite(dataDir: string, schema: Schema, onSetUp?: () => void): Promise<Opened> {
  const folder = join(dataDir, 'database');
  await makeFolders(folder);
  const reserve = new DiskReserve(dataDir);
  const isNew = await isFirstStart(folder);
  // Before the lock, which needs some room too.
  await reserve.makeRoomToStart(isNew);
  const lock = await lockFolder(dataDir);
  try {
    if (isNew) onSetUp?.();
    const pglite = await PGlite.create(folder);
    // One connection: during a transaction, a query outside of it would wait forever, so repositories use one manager throughout.
    const dataSource = await connect({ ...schema, extra: createPgConfig(pglite), poolSize: 1 });
    const clock = new DatabaseClock(() => timeOf(dataSource));
    return {
      dataSource,
      reads: dataSource,
      exclusive: true,
      clock,
      reserve,
      migrate: () => migrate(dataSource),
      prepareMonths: () => ensurePartitions(dataSource, clock.now()),
      buildIndexes: (signal, onBuild) =>
        buildMissingIndexes(statementsOf(dataSource), { concurrently: false, signal, ...(onBuild && { onBuild }) }),
      freeSpace: (signal, onFreed) =>
        maintain(sessionOf(dataSource), { exclusive: true, now: clock.now(), signal, ...(onFreed && { onFreed }) }),
      async close() {
        await dataSource.destroy();
        await pglite.close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function openPostgres(url: string, schema: Schema): Promise<Opened> {
  const pool = (poolSize: number): Promise<DataSource> =>
    connect({
      ...schema,
      url,
      poolSize,
      connectTimeoutMS: CONNECT_TIMEOUT_MS,
      extra: {
        // If a server disappears without closing its connections, a query gets no error, so it needs a timeout.
        query_timeout: QUERY_TIMEOUT_MS,
        onConnect: ignoreIdleConnectionErrors,
      },
    });
  const dataSource = await pool(WRITE_POOL_SIZE);
  const reads = await pool(READ_POOL_SIZE);
  const clock = new DatabaseClock(() => timeOf(reads));
  return {
    dataSource,
    reads,
    exclusive: false,
    clock,
    reserve: null,
    migrate: () => withMigrationLock(url, () => migrateApart(url, schema)),
    prepareMonths: () => prepareMonthsUnderLock(url, dataSource, clock.now()),
    buildIndexes: (signal, onBuild) => buildIndexesApart(url, dataSource, signal, onBuild),
    async freeSpace(signal, onFreed) {
      if (!(await isDue(statementsOf(dataSource), 'months'))) return;
      await apart(url, dataSource, UPKEEP_LOCK, signal, (run) =>
        maintain(sessionOn(run), { exclusive: false, now: clock.now(), signal, ...(onFreed && { onFreed }) }),
      );
    },
    async close() {
      await reads.destroy();
      await dataSource.destroy();
    },
  };
}

/**
 * When the server ends a session, the client emits `error`, which crashes the process if no listener is attached. There is a moment
 * without one while the pool hands a client out. The event can be ignored: the next query on the session fails anyway.
 */
function ignoreIdleConnectionErrors(session: pg.Client): void {
  session.on('error', () => undefined);
}

/** Uses a separate connection without the query timeout: a migration may take longer than any other query. */
async function migrateApart(url: string, schema: Schema): Promise<void> {
  const dataSource = await connect({
    ...schema,
    url,
    poolSize: 1,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    extra: { onConnect: ignoreIdleConnectionErrors },
  });
  try {
    await migrate(dataSource);
  } finally {
    await dataSource.destroy();
  }
}

/** Checks first: creating a partition locks its table, which is acceptable once a month but not once a minute. */
async function prepareMonthsUnderLock(url: string, dataSource: DataSource, now: Date): Promise<void> {
  if (await hasPartitions(dataSource, now)) return;
  await withMigrationLock(url, async (client) => {
    // During a backup that reads the table, this would wait and block all later queries on the table. The next run tries again.
    await client.query(`set lock_timeout = '2s'`);
    await ensurePartitions(client, now);
  });
}

async function buildIndexesApart(
  url: string,
  dataSource: DataSource,
  signal: AbortSignal,
  onBuild?: (name: string) => void,
): Promise<void> {
  if (signal.aborted || !(await hasMissingIndexes(statementsOf(dataSource)))) return;
  await apart(url, dataSource, INDEX_LOCK, signal, (run) =>
    buildMissingIndexes(run, { concurrently: true, signal, ...(onBuild && { onBuild }) }),
  );
}

/**
 * Runs long statements on a session of its own, without the query timeout, unless another process is at it. While a statement of a process
 * that was killed still runs on the server, its session holds the lock, so nobody takes what it makes for a remainder.
 */
async function apart(
  url: string,
  dataSource: DataSource,
  lock: number,
  signal: AbortSignal,
  work: (run: RunStatement) => Promise<void>,
): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  ignoreIdleConnectionErrors(client);
  await client.connect();
  const run: RunStatement = async <T>(sql: string, values?: unknown[]) =>
    (await client.query<T & pg.QueryResultRow>(sql, values)).rows;
  const [session] = await run<{ pid: number }>('select pg_backend_pid() as pid');
  // The server would not notice that the client is gone before the statement has ended.
  const cancel = (): void =>
    void dataSource.query('select pg_cancel_backend($1)', [session?.pid]).catch(() => undefined);
  signal.addEventListener('abort', cancel);
  try {
    const [locked] = await run<{ isFree: boolean }>('select pg_try_advisory_lock($1) as "isFree"', [lock]);
    if (locked?.isFree === true) await work(run);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', cancel);
    await client.end();
  }
}

function statementsOf(dataSource: DataSource): RunStatement {
  return <T>(sql: string, values?: unknown[]) => dataSource.query<T[]>(sql, values);
}

/** Of the pool: between two statements, and two transactions, others have their turn. */
function sessionOf(dataSource: DataSource): Session {
  return {
    run: statementsOf(dataSource),
    transaction: (work) =>
      dataSource.transaction((manager) =>
        work(<T>(sql: string, values?: unknown[]) => manager.query<T[]>(sql, values)),
      ),
  };
}

/** Of one connection. */
function sessionOn(run: RunStatement): Session {
  return {
    run,
    async transaction(work) {
      await run('begin');
      try {
        await work(run);
        await run('commit');
      } catch (error) {
        await run('rollback');
        throw error;
      }
    },
  };
}

/** When many replicas start at once, one migrates; the others wait and then find nothing to do. */
async function withMigrationLock(url: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  ignoreIdleConnectionErrors(client);
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await work(client);
  } finally {
    // Ending the session releases the lock.
    await client.end();
  }
}

interface Connection extends Schema {
  readonly url?: string;
  readonly extra?: unknown;
  readonly poolSize: number;
  readonly connectTimeoutMS?: number;
}

function connect(options: Connection): Promise<DataSource> {
  return new DataSource({
    type: 'postgres',
    ...options,
    migrationsTableName: 'migration',
    synchronize: false,
    logging: false,
  }).initialize();
}
