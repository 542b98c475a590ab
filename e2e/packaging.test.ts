import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundled, travelSize, withoutContract } from './support/bundle.ts';
import { packedCore, type Packed } from './support/packed.ts';
import { run } from './support/run.ts';

const resources = new AsyncDisposableStack();
let packed: Packed;
let tarball: Buffer<ArrayBuffer>;
beforeAll(async () => {
  packed = resources.use(await packedCore());
  tarball = await readFile(packed.tarball);
});
afterAll(() => resources.disposeAsync());

describe('what is published', () => {
  const inPackage = (path: string): string => join(packed.project, 'node_modules/@wan-image/core', path);
  const files = (): string[] =>
    createPackageFromTarballData(new Uint8Array(tarball))
      .listFiles()
      .map((path) => path.replace('/node_modules/@wan-image/core/', ''));

  /** A file that only re-exports has no line to map. */
  const isEntryPoint = (code: string): boolean => code.replaceAll(/^(import|export) .*;$|^\/\/.*$/gm, '').trim() === '';

  test('has the licence and the README, and no tests', () => {
    expect(files()).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json', 'dist/index.js']));
    expect(files().filter((path) => /\.test\.|\.tsbuildinfo$|tsconfig|node_modules/.test(path))).toEqual([]);
  });

  test('has a source map for all code and all types, with each source in the package', async () => {
    const all = files();
    const maps = all.filter((path) => path.endsWith('.map'));
    expect(maps.length).toBeGreaterThan(4);
    const unmapped: string[] = [];
    for (const path of all.filter((name) => /^dist\/.*\.(js|d\.ts)$/.test(name))) {
      if (!maps.includes(`${path}.map`) && !isEntryPoint(await readFile(inPackage(path), 'utf8'))) unmapped.push(path);
    }
    expect(unmapped).toEqual([]);
    for (const path of maps) {
      const { sources } = JSON.parse(await readFile(inPackage(path), 'utf8')) as { sources: string[] };
      expect(sources.length).toBeGreaterThan(0);
      for (const source of sources) expect(all).toContain(join(path, '..', source));
    }
  });

  test('depends on zod alone', async () => {
    const manifest = JSON.parse(await readFile(inPackage('package.json'), 'utf8')) as Record<string, object>;
    expect(Object.keys(manifest['dependencies'] ?? {})).toEqual(['zod']);
    expect(manifest).not.toHaveProperty('peerDependencies');
    expect(manifest).not.toHaveProperty('optionalDependencies');
  });

  test('passes publint without a suggestion', async () => {
    const buffer = tarball.buffer.slice(tarball.byteOffset, tarball.byteOffset + tarball.byteLength);
    const { messages, pkg } = await publint({ strict: true, level: 'suggestion', pack: { tarball: buffer } });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  test('resolves to the right types from ES modules and with a bundler', async () => {
    const result = await checkPackage(createPackageFromTarballData(new Uint8Array(tarball)));
    if (!result.types) throw new Error('The package has no types.');
    // The package has ES modules only: it does not support resolution without exports, nor require() of CommonJS.
    const found = result.problems.filter(
      (problem) =>
        !('resolutionKind' in problem && ['node10', 'node16-cjs'].includes(problem.resolutionKind)) &&
        problem.kind !== 'CJSResolvesToESM',
    );
    expect(found).toEqual([]);
  });
});

describe('the types compile with skipLibCheck off', () => {
  const require = createRequire(import.meta.url);
  const tsc = join(require.resolve('typescript/package.json'), '../bin/tsc');

  const compile = async (compilerOptions: object): Promise<string> => {
    const path = join(packed.project, 'tsconfig.json');
    const common = { noEmit: true, strict: true, target: 'es2022', skipLibCheck: false };
    await writeFile(
      path,
      JSON.stringify({ compilerOptions: { ...common, ...compilerOptions }, files: ['./typed.ts'] }),
    );
    return run(process.execPath, [tsc, '-p', path]);
  };
  const web = { lib: ['es2022', 'dom'], types: [] };
  const node = { lib: ['es2022'], types: ['node'], typeRoots: [join(import.meta.dirname, 'node_modules/@types')] };

  test.each([
    ['of a page, with a bundler', { ...web, module: 'esnext', moduleResolution: 'bundler' }],
    ['of a page, as Node resolves', { ...web, module: 'nodenext', moduleResolution: 'nodenext' }],
    ['of a server, as Node 16 resolves', { ...node, module: 'node16', moduleResolution: 'node16' }],
    ['of a server, as the newest Node resolves', { ...node, module: 'nodenext', moduleResolution: 'nodenext' }],
    ['of a server, with a bundler', { ...node, module: 'esnext', moduleResolution: 'bundler' }],
  ])('in a project %s', async (_kind, compilerOptions) => {
    expect(await compile(compilerOptions)).toBe('');
  });
});

describe('the size in a bundle', () => {
  const size = (entry: string, options = {}): Promise<number> => travelSize(packed.project, entry, options);

  const client = "export { createClient } from '@wan-image/core/portable'";

  // Its target: docs/decisions/2026-11-23-portable-size.md says what it consists of. It must not grow unnoticed.
  test('the client of the portable entry point, with zod and the contract, is at most 27.1 KiB', async () => {
    expect(await size(client)).toBeLessThanOrEqual(27.1);
  });

  test('the client of a history service, with zod and its records, is at most 29.25 KiB', async () => {
    expect(await size("export { createHistoryClient } from '@wan-image/core/portable'")).toBeLessThanOrEqual(29.25);
  });

  test('all of the portable entry point is at most 38.25 KiB', async () => {
    expect(await size("export * from '@wan-image/core/portable'")).toBeLessThanOrEqual(38.25);
  });

  test('the client without the contract and its zod is at most 18.5 KiB', async () => {
    // From the sources: in the built files the contract is no longer a separate module.
    const found = await size(client, { conditions: ['@wan-image/source'], plugins: [withoutContract] });
    expect(found).toBeLessThanOrEqual(18.5);
    expect(found).toBeLessThan((await size(client)) - 8);
  });

  test.each(['@wan-image/core', '@wan-image/core/portable'])('an unused %s adds nothing', async (entryPoint) => {
    expect(await bundled(packed.project, `import '${entryPoint}'`, { logLevel: 'silent', minify: true })).toBe('');
    expect(await bundled(packed.project, `import * as core from '${entryPoint}'`, { minify: true })).toBe('');
  });
});
