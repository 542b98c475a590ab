import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type BuildOptions, type Plugin } from 'esbuild';

/** Bundles `entry`, lines of a program in the folder `project`, and returns the code. */
export async function bundled(project: string, entry: string, options: BuildOptions = {}): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir: project },
    bundle: true,
    format: 'esm',
    target: 'es2022',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    logLevel: 'error',
    ...options,
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}

/** The size of a bundle, minified and gzipped, in KiB. */
export async function travelSize(project: string, entry: string, options: BuildOptions = {}): Promise<number> {
  return gzipSync(await bundled(project, entry, { ...options, minify: true }), { level: 9 }).length / 1024;
}

/** Bundles a program of the consumer project into `outfile`, and returns its path. */
export async function bundleProgram(
  project: string,
  entry: string,
  outfile: string,
  options: BuildOptions,
): Promise<string> {
  const path = join(project, outfile);
  await build({ entryPoints: [join(project, entry)], bundle: true, logLevel: 'error', ...options, outfile: path });
  return path;
}

/** Replaces the modules of the contract with empty ones, which removes zod too. The result is measured, not run. */
export const withoutContract: Plugin = {
  name: 'without-contract',
  setup(esbuild) {
    // CommonJS: esbuild accepts imports of any name from it.
    esbuild.onLoad({ filter: /core\/src\/contract\// }, () => ({ contents: 'module.exports = {}', loader: 'js' }));
  },
};
