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

export interface Place {
  readonly upstream: string;
  /** URL of an empty or migrated database. */
  readonly databaseUrl: string;
  /** For data, images and logs. */
  readonly folder: string;
}

export function openSide(name: SideName, place: Place): Promise<Side> {
  return OPEN[name](place);
}

const OPEN: Readonly<Record<SideName, (place: Place) => Promise<Side>>> = {
  direct: ({ upstream }) => Promise.resolve(directSide(upstream)),
  history: async (place) => sideOf('history', await startHistory({ ...place, images: imagesFolderOf(place) })),
  floor: async (place) => sideOf('floor', await startFloor(place)),
  portkey: async (place) => sideOf('portkey', await startPortkey(place), portkeyHeaders(place.upstream)),
};

function directSide(upstream: string): Side {
  const headers = { authorization: 'Bearer bench' };
  return { name: 'direct', url: upstream, headers, pid: null, async [Symbol.asyncDispose]() {} };
}

/** A second process of history beside that of {@link openSide}, on the same database and folder of images. */
export async function openReplica(place: Place): Promise<Side> {
  const folder = join(place.folder, 'replica');
  await mkdir(folder, { recursive: true });
  return sideOf('replica', await startHistory({ ...place, folder, images: imagesFolderOf(place) }));
}

export function sideOf(name: string, started: GatewayProcess, headers: Side['headers'] = {}): Side {
  const { url, pid } = started;
  return { name, url, headers, pid, [Symbol.asyncDispose]: () => started[Symbol.asyncDispose]() };
}

function imagesFolderOf({ folder }: Place): string {
  return join(folder, 'images');
}

async function startFloor({ upstream, databaseUrl, folder }: Place): Promise<GatewayProcess> {
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
function startPortkey({ folder }: Place): Promise<GatewayProcess> {
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
