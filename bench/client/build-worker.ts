import { join } from 'node:path';
import { build } from 'esbuild';

/**
 * Bundles the worker as plain JavaScript. Node can strip the types itself, but would load what it needs for that into the process whose
 * memory is measured.
 */
export async function buildWorker(folder: string): Promise<string> {
  await build({
    entryPoints: [join(import.meta.dirname, 'worker.ts')],
    outdir: folder,
    bundle: true,
    // Each client stays in its own file, which is loaded only when that client is measured.
    splitting: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node24',
    logLevel: 'error',
  });
  return join(folder, 'worker.js');
}
