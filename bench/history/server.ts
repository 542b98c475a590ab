import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startPostgres, type PostgresServer } from '@wan-image/testing/postgres';
import pg from 'pg';

/** Kept between runs: a million generations take minutes. */
export const KEPT = join(import.meta.dirname, '../results/history-database');

/** What a server of this size would be given; everything else is the default, and commits wait for the disk. */
export const SETTINGS = [
  'shared_buffers=2GB',
  'effective_cache_size=6GB',
  'maintenance_work_mem=512MB',
  'max_wal_size=4GB',
];

export async function startServer(): Promise<PostgresServer & AsyncDisposable> {
  await mkdir(KEPT, { recursive: true });
  // As root, PostgreSQL runs as another user.
  await chmod(KEPT, 0o777);
  return startPostgres({ durable: true, kept: KEPT, settings: SETTINGS });
}

export const databaseOf = (rows: number): string => `history_${rows}`;

export function urlOf({ url }: PostgresServer, database: string): string {
  const result = new URL(url);
  result.pathname = `/${database}`;
  return result.href;
}

export async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

export async function hasDatabase(server: PostgresServer, name: string): Promise<boolean> {
  const { rowCount } = await withClient(server.url, (client) =>
    client.query('select from pg_database where datname = $1', [name]),
  );
  return rowCount === 1;
}

/** Runs with a copy of a database, and drops it then. */
export async function withCopy<T>(server: PostgresServer, name: string, use: (url: string) => Promise<T>): Promise<T> {
  const copy = `${name}_copy`;
  await onServer(server, `drop database if exists ${copy} with (force)`);
  await onServer(server, `create database ${copy} template ${name} strategy file_copy`);
  try {
    return await use(urlOf(server, copy));
  } finally {
    await onServer(server, `drop database ${copy} with (force)`);
  }
}

export async function onServer(server: PostgresServer, sql: string): Promise<void> {
  await withClient(server.url, (client) => client.query(sql));
}
