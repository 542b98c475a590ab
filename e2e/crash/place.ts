import { cp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createDatabase } from '@wan-image/testing/postgres';
import { disposable } from '@wan-image/testing/resource';
import { run } from '../support/run.ts';
import { startService, temporaryFolder, type Service } from '../support/service.ts';

export type Kind = 'postgres' | 'pglite';

const ROOT = join(import.meta.dirname, '../..');

/** What is killed at once need not be fast: most of a start on PGlite is to compile it well. */
const NODE_OPTIONS = ['--liftoff-only', '--import', join(import.meta.dirname, 'preload.js')];

/** Where a service keeps what it has, while its processes come and go. */
export interface Place {
  start(): Promise<Service & AsyncDisposable>;
  /** Sweeps all of it, while no service runs; what the command says of it. */
  sweep(): Promise<string>;
  /** Files of the store by their names, those in the staging folder, and those of the spool. */
  files(): Promise<{ readonly store: readonly string[]; readonly unfinished: readonly string[] }>;
  /** Images that wait for the store. */
  spooled(): Promise<readonly string[]>;
  /** Takes the folder of images away, so that the service has to do without. */
  breakStore(): Promise<void>;
  mendStore(): Promise<void>;
}

/** So many there have been. */
let places = 0;

/** What all places stand on. */
export interface Ground {
  readonly simulatorUrl: string;
  readonly postgresUrl: string;
  /** A data folder with a new PGlite in it, and a database with all tables: making them takes seconds, copying does not. */
  readonly templates: Templates;
}

interface Templates {
  readonly folder: string;
  /** Name on the server. */
  readonly database: string;
  /** Where Node keeps compiled code: most of what a kill costs is the next start. */
  readonly code: string;
}

export async function openPlace(kind: Kind, ground: Ground): Promise<Place & AsyncDisposable> {
  const resources = new AsyncDisposableStack();
  const folder = resources.use(await temporaryFolder());
  const database =
    kind === 'postgres' ? resources.use(await createDatabase(ground.postgresUrl, ground.templates.database)) : null;
  if (database === null) await cp(ground.templates.folder, folder.path, { recursive: true });
  const images = join(folder.path, 'images');
  const environment = {
    ...environmentOf(folder.path, ground.simulatorUrl, database?.url ?? null),
    NODE_COMPILE_CACHE: ground.templates.code,
    // In every second place what is asked for waits for its turn first.
    ...(places++ % 2 === 0 ? {} : { UPSTREAM_CONCURRENCY: '2' }),
  };
  const place: Place = {
    start: () => startService(environment, NODE_OPTIONS),
    sweep: () => run(process.execPath, ['apps/history/dist/cli/sweep.js'], { cwd: ROOT, env: environment }),
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
    async mendStore() {
      await rm(images);
      await rename(`${images}.away`, images);
    },
  };
  return disposable(place, () => resources.disposeAsync());
}

/** What a service leaves that has done nothing but start. */
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
    ...(databaseUrl === null ? {} : { DATABASE_URL: databaseUrl }),
  };
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}
