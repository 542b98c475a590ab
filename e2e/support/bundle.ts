import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type BuildOptions, type Plugin } from 'esbuild';

/** The code to which esbuild bundles `entry`, lines of a program in the folder `project`. */
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

/** In KiB, as it travels: minified and gzipped. */
export async function travelSize(project: string, entry: string, options: BuildOptions = {}): Promise<number> {
  return gzipSync(await bundled(project, entry, { ...options, minify: true }), { level: 9 }).length / 1024;
}

/** Bundles one of the consumer's programs onto `outfile`. */
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

/** Empties the contract's modules, and with them zod goes. What is left is measured, not run. */
export const withoutContract: Plugin = {
  name: 'without-contract',
  setup(esbuild) {
    // CommonJS, which may be asked for any name.
    esbuild.onLoad({ filter: /core\/src\/contract\// }, () => ({ contents: 'module.exports = {}', loader: 'js' }));
  },
};
