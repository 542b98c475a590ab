import { cp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@wan-image/testing/folders';
import { createDatabase } from '@wan-image/testing/postgres';
import { disposable } from '@wan-image/testing/resource';
import { run } from '../support/run.ts';
import { startService, type Service } from '../support/service.ts';

export type Kind = 'postgres' | 'pglite';

const ROOT = join(import.meta.dirname, '../..');

/** The optimizing compiler takes most of a start on PGlite, and a process that is killed soon does not need its code. */
const NODE_OPTIONS = ['--liftoff-only', '--import', join(import.meta.dirname, 'preload.js')];

/** Run by the service's own modules: an embedded database is opened by one process. */
const QUERY = `
  const [statements, folder, url] = process.argv.slice(1);
  const { PGlite } = await import('@electric-sql/pglite');
  const { default: pg } = await import('pg');
  const client = url === undefined ? await PGlite.create(folder) : new pg.Client({ connectionString: url });
  await client.connect?.();
  const rows = [];
  for (const sql of JSON.parse(statements)) rows.push((await client.query(sql)).rows);
  console.log(JSON.stringify(rows));
  await (client.close ?? client.end).call(client);`;

/** The data of a service, which outlives its processes. */
export interface Installation {
  start(): Promise<Service & AsyncDisposable>;
  /** Sweeps everything while no service runs. Returns the output of the command. */
  sweep(): Promise<string>;
  /** The rows of each statement, while no service runs. */
  query<T>(statements: readonly string[]): Promise<T>;
  /** The hashes of stored files, and the paths of those in the staging folder and the spool. */
  files(): Promise<{ readonly store: readonly string[]; readonly unfinished: readonly string[] }>;
  /** Images that are not yet in the store. */
  spooled(): Promise<readonly string[]>;
  /** Makes the image store unusable, so that the service has to spool. */
  breakStore(): Promise<void>;
  repairStore(): Promise<void>;
}

/** Installations so far. */
let count = 0;

/** What all installations share. */
export interface Base {
  readonly simulatorUrl: string;
  readonly postgresUrl: string;
  /** A data folder with a new PGlite in it, and a database with all tables: copying is faster than creating. */
  readonly templates: Templates;
}

interface Templates {
  readonly folder: string;
  /** Name on the server. */
  readonly database: string;
  /** For Node's compile cache: the next start is most of what a kill takes. */
  readonly code: string;
}

export async function openInstallation(kind: Kind, base: Base): Promise<Installation & AsyncDisposable> {
  const resources = new AsyncDisposableStack();
  const folder = resources.use(await temporaryFolder());
  const database =
    kind === 'postgres' ? resources.use(await createDatabase(base.postgresUrl, base.templates.database)) : null;
  if (database === null) await cp(base.templates.folder, folder.path, { recursive: true });
  const images = join(folder.path, 'images');
  const environment = {
    ...environmentOf(folder.path, base.simulatorUrl, database?.url ?? null),
    NODE_COMPILE_CACHE: base.templates.code,
    // In every second installation, requests wait for a slot of the upstream.
    ...(count++ % 2 === 0 ? {} : { UPSTREAM_CONCURRENCY: '2' }),
  };
  const installation: Installation = {
    start: () => startService(environment, NODE_OPTIONS),
    sweep: () => run(process.execPath, ['apps/history/dist/cli/sweep.js'], { cwd: ROOT, env: environment }),
    async query<T>(statements: readonly string[]): Promise<T> {
      const args = ['--input-type=module', '-e', QUERY, JSON.stringify(statements), join(folder.path, 'database')];
      const output = await run(process.execPath, [...args, ...(database === null ? [] : [database.url])], {
        cwd: join(ROOT, 'apps/history'),
      });
      return JSON.parse(output) as T;
    },
    async files() {
      const store = (await filesIn(images)).filter((path) => path !== 'owner');
      const isStored = (path: string): boolean => /^\w\w\/\w{64}$/.test(path);
      return {
        store: store.filter(isStored).map((path) => path.slice(-64)),
        unfinished: [...store.filter((path) => !isStored(path)), ...(await filesIn(join(folder.path, 'spool')))],
      };
    },
    spooled: async () => (await filesIn(join(folder.path, 'spool'))).filter((path) => !path.startsWith('tmp')),
    async breakStore() {
      await rename(images, `${images}.away`);
      await writeFile(images, '');
    },
    async repairStore() {
      await rm(images);
      await rename(`${images}.away`, images);
    },
  };
  return disposable(installation, () => resources.disposeAsync());
}

/** The data of a service that has only started. */
export async function makeTemplates(simulatorUrl: string, postgresUrl: string): Promise<Templates & AsyncDisposable> {
  const resources = new AsyncDisposableStack();
  const [folder, unused, code] = [
    resources.use(await temporaryFolder()),
    resources.use(await temporaryFolder()),
    resources.use(await temporaryFolder()),
  ];
  const database = resources.use(await createDatabase(postgresUrl));
  for (const environment of [
    environmentOf(folder.path, simulatorUrl, null),
    environmentOf(unused.path, simulatorUrl, database.url),
  ]) {
    const service = await startService({ ...environment, NODE_COMPILE_CACHE: code.path });
    await service.kill('SIGTERM');
  }
  const templates = { folder: folder.path, database: new URL(database.url).pathname.slice(1), code: code.path };
  return disposable(templates, () => resources.disposeAsync());
}

function environmentOf(dataDir: string, simulatorUrl: string, databaseUrl: string | null): Record<string, string> {
  return {
    DATA_DIR: dataDir,
    PORT: '0',
    UPSTREAM_BASE_URL: simulatorUrl,
    UPSTREAM_API_KEY: 'k',
    LOG_LEVEL: 'error',
    // The events go to an address of this machine, where nothing listens.
    WEBHOOK_PRIVATE_HOSTS: 'true',
    ...(databaseUrl === null ? {} : { DATABASE_URL: databaseUrl }),
  };
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}
