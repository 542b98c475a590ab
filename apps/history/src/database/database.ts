import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { createPgConfig } from '@electric-sql/pglite/node-postgres';
import type { Provider } from '@nestjs/common';
import pg from 'pg';
import { DataSource, type DataSourceOptions } from 'typeorm';
import type { Config } from '../config/config.ts';
import { lockFolder } from '../storage/folder-lock.ts';
import { ensurePartitions, hasPartitions } from './partitions.ts';

/** The database, migrated and ready. */
export interface Database {
  readonly dataSource: DataSource;
  /** Whether no other process can be on it: PGlite under its lock. */
  readonly exclusive: boolean;
  /** Makes the partitions of the coming months. */
  prepareMonths(now: Date): Promise<void>;
  close(): Promise<void>;
}

/** For injection: the data source, whose class only repositories import. */
export function dataSourceProvider({ dataSource }: Database): Provider {
  return { provide: DataSource, useValue: dataSource };
}

/** Any number that no other software on the same database uses for an advisory lock. */
const MIGRATION_LOCK = 7_270_155_001;

/** Enough for a busy service; a generation holds no connection while it waits for the vendor. */
const POOL_SIZE = 10;

/** The tables of the service, as their owners describe them, and how they came to be. */
export type Schema = Required<Pick<DataSourceOptions, 'entities' | 'migrations'>>;

/** Opens the database and migrates it to the schema. */
export async function openDatabase(config: Pick<Config, 'databaseUrl' | 'dataDir'>, schema: Schema): Promise<Database> {
  const database =
    config.databaseUrl === null
      ? await openPglite(config.dataDir, schema)
      : await openPostgres(config.databaseUrl, schema);
  try {
    await database.migrate();
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

async function migrate(dataSource: DataSource): Promise<void> {
  await dataSource.runMigrations({ transaction: 'each' });
  await ensurePartitions(dataSource, new Date());
}

async function openPglite(dataDir: string, schema: Schema): Promise<Opened> {
  const lock = await lockFolder(dataDir);
  const folder = join(dataDir, 'database');
  await mkdir(folder, { recursive: true });
  try {
    const pglite = await PGlite.create(folder);
    // One connection: a query outside a transaction that is under way would wait for ever, so repositories use one manager throughout.
    const dataSource = await connect({ ...schema, extra: createPgConfig(pglite), poolSize: 1 });
    return {
      dataSource,
      exclusive: true,
      migrate: () => migrate(dataSource),
      prepareMonths: (now) => ensurePartitions(dataSource, now),
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
  const dataSource = await connect({
    ...schema,
    url,
    poolSize: POOL_SIZE,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    extra: {
      // A server that vanishes without closing its connections sends nothing, not even an error.
      query_timeout: QUERY_TIMEOUT_MS,
      onConnect: ignoreIdleConnectionErrors,
    },
  });
  return {
    dataSource,
    exclusive: false,
    migrate: () => withMigrationLock(url, () => migrateApart(url, schema)),
    prepareMonths: (now) => prepareMonthsUnderLock(url, dataSource, now),
    close: () => dataSource.destroy(),
  };
}

/**
 * A session that the server ends, at any moment, tells so as an event that ends this process where nobody listens; and between the pool and
 * whoever takes a session from it there is a moment in which nobody does. Its next query tells enough.
 */
function ignoreIdleConnectionErrors(session: pg.Client): void {
  session.on('error', () => undefined);
}

/** On connections of its own: a migration may take longer than any other query. */
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

/** Asks first: making a month locks its table, which is for once in a month, not for once in a minute. */
async function prepareMonthsUnderLock(url: string, dataSource: DataSource, now: Date): Promise<void> {
  if (await hasPartitions(dataSource, now)) return;
  await withMigrationLock(url, async (client) => {
    // Behind a backup that reads the table this would wait, and everything else behind it. The next round tries again.
    await client.query(`set lock_timeout = '2s'`);
    await ensurePartitions(client, now);
  });
}

/** Many replicas start at once: one migrates, the others wait and find nothing to do. */
async function withMigrationLock(url: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  ignoreIdleConnectionErrors(client);
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await work(client);
  } finally {
    // Ends the session, and the lock with it.
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
