import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { installed } from './run.ts';

/** Paths of the runtimes other than the Node of the workspace. */
export interface Runtimes {
  readonly node20: string;
  readonly node22: string;
  readonly bun: string;
  readonly deno: string;
  readonly workerd: string;
}

const FOLDER = join(import.meta.dirname, '../runtimes');

/** Installs them on first use. */
export async function openRuntimes(): Promise<Runtimes> {
  const require = createRequire(join(await installed(FOLDER), 'package.json'));
  /** A file of a package that only `name` depends on. */
  const inside = (name: string, file: string): string =>
    createRequire(realpathSync(require.resolve(`${name}/package.json`))).resolve(file);
  const { platform, arch } = process;
  return {
    node20: join(require.resolve('node-20/package.json'), '../bin/node'),
    node22: join(require.resolve('node-22/package.json'), '../bin/node'),
    // The `bin` of these three is a launcher that their install scripts, which do not run here, replace.
    bun: inside('bun', `@oven/bun-${platform}-${arch === 'arm64' ? 'aarch64' : arch}/bin/bun`),
    deno: inside('deno', `@deno/${platform}-${arch}${platform === 'linux' ? '-glibc' : ''}/deno`),
    workerd: (require('workerd') as { default: string }).default,
  };
}
