import { cp, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { disposable } from '@wan-image/testing/resource';
import { pnpm } from './run.ts';
import { temporaryFolder } from './service.ts';

export interface Packed {
  /** What `pnpm publish` would send. */
  readonly tarball: string;
  /** A project that has installed it, and the programs of `e2e/consumer`. Outside this repository, so that only its own packages are found. */
  readonly project: string;
}

/** @wan-image/core as users get it. */
export async function packedCore(): Promise<Packed & AsyncDisposable> {
  const folder = await temporaryFolder();
  await pnpm(['pack', '--pack-destination', folder.path], join(import.meta.dirname, '../../packages/core'));
  const [name = ''] = await readdir(folder.path);
  const tarball = join(folder.path, name);
  const project = join(folder.path, 'project');
  await cp(join(import.meta.dirname, '../consumer'), project, { recursive: true });
  await writeFile(
    join(project, 'package.json'),
    JSON.stringify({ private: true, type: 'module', dependencies: { '@wan-image/core': `file:${tarball}` } }),
  );
  await pnpm(['install', '--prefer-offline'], project);
  return disposable({ tarball, project }, async () => folder[Symbol.asyncDispose]());
}
