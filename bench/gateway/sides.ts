import { createRequire } from 'node:module';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startGateway, type GatewayProcess } from './gateway-process.ts';
import { startHistory } from './history-process.ts';

export const SIDE_NAMES = ['direct', 'history', 'floor', 'portkey'] as const;
export type SideName = (typeof SIDE_NAMES)[number];

/** What a caller sends its requests to. */
export interface Side extends AsyncDisposable {
  readonly name: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Null for the upstream itself. */
  readonly pid: number | null;
}

export interface Setup {
  readonly upstream: string;
  /** URL of an empty or migrated database. */
  readonly databaseUrl: string;
  /** For data, images and logs. */
  readonly folder: string;
}

export function openSide(name: SideName, setup: Setup): Promise<Side> {
  return OPEN[name](setup);
}

const OPEN: Readonly<Record<SideName, (setup: Setup) => Promise<Side>>> = {
  direct: ({ upstream }) => Promise.resolve(directSide(upstream)),
  history: async (setup) => sideOf('history', await startHistory({ ...setup, images: imagesFolderOf(setup) })),
  floor: async (setup) => sideOf('floor', await startFloor(setup)),
  portkey: async (setup) => sideOf('portkey', await startPortkey(setup), portkeyHeaders(setup.upstream)),
};

function directSide(upstream: string): Side {
  const headers = { authorization: 'Bearer bench' };
  return { name: 'direct', url: upstream, headers, pid: null, async [Symbol.asyncDispose]() {} };
}

/** A second process of history beside that of {@link openSide}, on the same database and folder of images. */
export async function openReplica(setup: Setup): Promise<Side> {
  const folder = join(setup.folder, 'replica');
  await mkdir(folder, { recursive: true });
  return sideOf('replica', await startHistory({ ...setup, folder, images: imagesFolderOf(setup) }));
}

export function sideOf(name: string, started: GatewayProcess, headers: Side['headers'] = {}): Side {
  const { url, pid } = started;
  return { name, url, headers, pid, [Symbol.asyncDispose]: () => started[Symbol.asyncDispose]() };
}

function imagesFolderOf({ folder }: Setup): string {
  return join(folder, 'images');
}

async function startFloor({ upstream, databaseUrl, folder }: Setup): Promise<GatewayProcess> {
  const images = join(folder, 'floor-images');
  await mkdir(images);
  return startGateway({
    script: join(import.meta.dirname, 'floor.ts'),
    argumentsFor: (port) => [String(port)],
    environmentFor: () => ({
      DATABASE_URL: databaseUrl,
      UPSTREAM_BASE_URL: upstream,
      UPSTREAM_API_KEY: 'bench',
      FLOOR_FOLDER: images,
    }),
    readyPath: '/',
    folder,
  });
}

/** As its own `start:node` starts it; `production` leaves out its web console and the log shown there. */
function startPortkey({ folder }: Setup): Promise<GatewayProcess> {
  return startGateway({
    script: createRequire(import.meta.url).resolve('@portkey-ai/gateway/build/start-server.js'),
    argumentsFor: (port) => [`--port=${port}`, '--headless'],
    environmentFor: () => ({ NODE_ENV: 'production' }),
    readyPath: '/',
    folder,
  });
}

function portkeyHeaders(upstream: string): Side['headers'] {
  return {
    authorization: 'Bearer bench',
    'x-portkey-provider': 'openai',
    'x-portkey-custom-host': `${upstream}/v1`,
  };
}
