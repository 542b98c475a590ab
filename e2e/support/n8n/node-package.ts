import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { disposable } from '@wan-image/testing/resource';
import { pack } from '../packed.ts';
import { run } from '../run.ts';
import { temporaryFolder } from '../service.ts';

/** The name under which n8n knows the package; every node type and folder begins with it. */
export const PACKAGE_NAME = 'n8n-nodes-wan-image';

const PACKAGE_FOLDER = join(import.meta.dirname, '../../../packages', PACKAGE_NAME);

export interface PackedNode {
  /** What `pnpm publish` would send. */
  readonly tarball: string;
}

/** The node as users get it. It has to be built. */
export async function packedNode(packageFolder = PACKAGE_FOLDER): Promise<PackedNode & AsyncDisposable> {
  const folder = await temporaryFolder();
  const tarball = await pack(packageFolder, folder.path);
  return disposable({ tarball }, async () => folder[Symbol.asyncDispose]());
}

/** Unpacks it as n8n's installer does. n8n has no use for a package that is a link: it resolves icons within the real folder. */
export async function unpack(tarball: string, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await run('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1']);
  return folder;
}
