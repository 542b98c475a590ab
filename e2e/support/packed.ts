import { cp, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@wan-image/testing/folders';
import { disposable } from '@wan-image/testing/resource';
import { pnpm } from './run.ts';

export interface Packed {
  /** The file that `pnpm publish` would upload. */
  readonly tarball: string;
  /** A project with the package and the programs of `e2e/consumer`. Outside of this repository, so that only its own packages resolve. */
  readonly project: string;
}

/** Packs a package into an empty folder, as `pnpm publish` does. Returns the path of the tarball. */
export async function pack(packageFolder: string, destination: string): Promise<string> {
  await pnpm(['pack', '--pack-destination', destination], packageFolder);
  const [name = ''] = await readdir(destination);
  return join(destination, name);
}

/** @wan-image/core as users install it. */
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
