import { createRequire } from 'node:module';
import { join } from 'node:path';
import project from '../../package.json' with { type: 'json' };
import { startGateway, type GatewayProcess } from './gateway-process.ts';

export const SIDE_NAMES = ['direct', 'history', 'portkey'] as const;
export type SideName = (typeof SIDE_NAMES)[number];

/** What a caller talks to. */
export interface Side extends AsyncDisposable {
  readonly name: SideName;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Null where nothing stands between the caller and the upstream. */
  readonly pid: number | null;
}

export interface Place {
  readonly upstream: string;
  /** URL of an empty or migrated database. */
  readonly databaseUrl: string;
  /** For data, images and logs. */
  readonly folder: string;
}

const HISTORY = join(import.meta.dirname, '../../apps/history/dist/main.js');

export async function openSide(name: SideName, place: Place): Promise<Side> {
  if (name === 'direct') {
    const headers = { authorization: 'Bearer bench' };
    return { name, url: place.upstream, headers, pid: null, async [Symbol.asyncDispose]() {} };
  }
  const started = await (name === 'history' ? startHistory(place) : startPortkey(place));
  const headers = name === 'history' ? {} : portkeyHeaders(place.upstream);
  const { url, pid } = started;
  return { name, url, headers, pid, [Symbol.asyncDispose]: () => started[Symbol.asyncDispose]() };
}

/** As `pnpm start` gives them to Node. */
const NODE_OPTIONS = project.scripts.start.split(' ').filter((word) => word.startsWith('--max-'));

/** The built service as `pnpm build` leaves it. Without a database URL: on PGlite. */
export function startHistory({
  upstream,
  databaseUrl,
  folder,
}: Omit<Place, 'databaseUrl'> & { readonly databaseUrl: string | null }): Promise<GatewayProcess> {
  return startGateway({
    options: NODE_OPTIONS,
    script: HISTORY,
    argumentsFor: () => [],
    environmentFor: (port) => ({
      PORT: String(port),
      DATA_DIR: join(folder, 'data'),
      UPSTREAM_BASE_URL: upstream,
      UPSTREAM_API_KEY: 'bench',
      ...(databaseUrl === null ? {} : { DATABASE_URL: databaseUrl }),
    }),
    readyPath: '/readyz',
    folder,
  });
}

/** As its own `start:node` starts it; `production` leaves out its web console and the log that it shows. */
function startPortkey({ folder }: Place): Promise<GatewayProcess> {
  return startGateway({
    script: createRequire(import.meta.url).resolve('@portkey-ai/gateway/build/start-server.js'),
    argumentsFor: (port) => [`--port=${port}`, '--headless'],
    environmentFor: () => ({ NODE_ENV: 'production' }),
    readyPath: '/',
    folder,
  });
}

function portkeyHeaders(upstream: string): Readonly<Record<string, string>> {
  return {
    authorization: 'Bearer bench',
    'x-portkey-provider': 'openai',
    'x-portkey-custom-host': `${upstream}/v1`,
  };
}
