import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@wan-image/testing/folders';
import { disposable } from '@wan-image/testing/resource';
import { pack } from '../packed.ts';
import { run } from '../run.ts';

/** The name of the package, with which every node type and folder starts. */
export const PACKAGE_NAME = 'n8n-nodes-wan-image';

const PACKAGE_FOLDER = join(import.meta.dirname, '../../../packages', PACKAGE_NAME);

export interface PackedNode {
  /** The tarball that `pnpm publish` uploads. */
  readonly tarball: string;
}

/** The node as users get it. Build it first. */
export async function packedNode(packageFolder = PACKAGE_FOLDER): Promise<PackedNode & AsyncDisposable> {
  const folder = await temporaryFolder();
  const tarball = await pack(packageFolder, folder.path);
  return disposable({ tarball }, async () => folder[Symbol.asyncDispose]());
}

/** Unpacks it as n8n's installer does. A link does not work: n8n resolves icons within the real folder. */
export async function unpack(tarball: string, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await run('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1']);
  return folder;
}
