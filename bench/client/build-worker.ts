import { join } from 'node:path';
import { build } from 'esbuild';

/**
 * The worker as plain JavaScript. Node would strip the types by itself, but with what it needs for that in the memory
 * of the process whose memory is measured.
 */
export async function buildWorker(folder: string): Promise<string> {
  await build({
    entryPoints: [join(import.meta.dirname, 'worker.ts')],
    outdir: folder,
    bundle: true,
    // Each client stays a file of its own, loaded only where it is measured.
    splitting: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node24',
    logLevel: 'error',
  });
  return join(folder, 'worker.js');
}
