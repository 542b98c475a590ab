import { gzipSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import { build, type BuildOptions, type Plugin } from 'esbuild';

const SHARED = {
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  platform: 'browser',
  write: false,
  legalComments: 'none',
  logLevel: 'error',
} as const satisfies BuildOptions;

/** All of `./portable` as it is published, with zod: KiB, minified and gzipped. */
export function sizeOfPortable(): Promise<number> {
  return sizeOf("export * from '@wan-image/core/portable'", {});
}

/** One client over fetch as it is published, with zod and without unused code. */
export function sizeOfClient(): Promise<number> {
  return sizeOf("export { createClient, createFetchTransport } from '@wan-image/core/portable'", {});
}

/**
 * The same client, bundled from its source without zod and without each module of the contract that imports zod: those stay external.
 * What only they use, such as the rules about sizes, is left out too; what the client itself uses of the contract, such as the check of
 * input images, is included.
 */
export function sizeOfClientWithoutSchema(): Promise<number> {
  return sizeOf("export { createClient, createFetchTransport } from '@wan-image/core/portable'", {
    conditions: ['@wan-image/source'],
    plugins: [schemasLeftOut],
  });
}

const schemasLeftOut: Plugin = {
  name: 'schemas-left-out',
  setup(bundler) {
    bundler.onResolve({ filter: /^zod(\/|$)/ }, ({ path }) => ({ path, external: true, sideEffects: false }));
    bundler.onResolve({ filter: /\/[\w-]+\.ts$/ }, async ({ path, pluginData, ...from }) => {
      if (pluginData === schemasLeftOut) return undefined;
      const found = await bundler.resolve(path, { ...from, pluginData: schemasLeftOut });
      const isSchema = found.path.includes('/contract/') && readFileSync(found.path, 'utf8').includes("'zod/mini'");
      return isSchema ? { path, external: true, sideEffects: false } : undefined;
    });
  },
};

async function sizeOf(contents: string, options: BuildOptions): Promise<number> {
  const { outputFiles } = await build({
    ...SHARED,
    ...options,
    write: false,
    stdin: { contents, resolveDir: import.meta.dirname, loader: 'ts' },
  });
  return gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).length / 1024;
}
