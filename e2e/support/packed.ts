import { cp, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@wan-image/testing/folders';
import { disposable } from '@wan-image/testing/resource';
import { pnpm } from './run.ts';

export interface Packed {
  /** What `pnpm publish` would send. */
  readonly tarball: string;
  /** A project that has installed it, and the programs of `e2e/consumer`. Outside this repository, so that only its own packages are found. */
  readonly project: string;
}

/** What `pnpm publish` would send of a package, in an empty folder. */
export async function pack(packageFolder: string, destination: string): Promise<string> {
  await pnpm(['pack', '--pack-destination', destination], packageFolder);
  const [name = ''] = await readdir(destination);
  return join(destination, name);
}

/** @wan-image/core as users get it. */
export async function packedCore(): Promise<Packed & AsyncDisposable> {
  const folder = await temporaryFolder();
  const tarball = await pack(join(import.meta.dirname, '../../packages/core'), folder.path);
  const project = join(folder.path, 'project');
  await cp(join(import.meta.dirname, '../consumer'), project, { recursive: true });
  await writeFile(
    join(project, 'package.json'),
    JSON.stringify({ private: true, type: 'module', dependencies: { '@wan-image/core': `file:${tarball}` } }),
  );
  await pnpm(['install', '--prefer-offline'], project);
  return disposable({ tarball, project }, async () => folder[Symbol.asyncDispose]());
}
