import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startGateway, type GatewayProcess } from './gateway-process.ts';

/** The root of this workspace. */
export const OWN_ROOT = join(import.meta.dirname, '../..');

export interface HistoryLaunch {
  /** Of a workspace after `pnpm build`; this one when absent. */
  readonly root?: string;
  readonly upstream: string;
  /** Null: history on PGlite. */
  readonly databaseUrl: string | null;
  /** For data and logs of the process. */
  readonly folder: string;
  /** Replicas of one database share it; a folder of the process's own when absent. */
  readonly images?: string;
  /** Beyond what is set here. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** The built service, as `pnpm start` of that workspace starts it. */
export async function startHistory(launch: HistoryLaunch): Promise<GatewayProcess> {
  const { root = OWN_ROOT, upstream, databaseUrl, folder, images, environment = {} } = launch;
  const { options, script } = await startCommandOf(root);
  return startGateway({
    options,
    script: join(root, script),
    argumentsFor: () => [],
    environmentFor: (port) => ({
      PORT: String(port),
      DATA_DIR: join(folder, 'data'),
      UPSTREAM_BASE_URL: upstream,
      UPSTREAM_API_KEY: 'bench',
      ...environment,
      ...(images === undefined ? {} : { STORAGE_URL: `file://${images}` }),
      ...(databaseUrl === null ? {} : { DATABASE_URL: databaseUrl }),
    }),
    readyPath: '/readyz',
    folder,
  });
}

/** What the start script of a workspace runs after its build. Read, not assumed: entry file and options differ between commits. */
async function startCommandOf(root: string): Promise<{ readonly options: readonly string[]; readonly script: string }> {
  const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { scripts: { start: string } };
  const [, command = ''] = /&& node (.+)$/.exec(scripts.start) ?? [];
  const words = command.split(' ');
  const script = words.find((word) => !word.startsWith('--'));
  if (script === undefined || script === '') throw new Error(`The start script runs no file: ${scripts.start}`);
  return { options: words.filter((word) => word.startsWith('--')), script };
}
