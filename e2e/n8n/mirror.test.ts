import { mkdir, readdir, readFile, realpath, stat, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { temporaryFolder } from '@wan-image/testing/folders';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lintForN8n, scanForN8n, scanSourceForN8n } from '../support/n8n-rules.ts';
import { PACKAGE_NAME, unpack } from '../support/n8n/node-package.ts';
import { pack } from '../support/packed.ts';
import { run } from '../support/run.ts';

/** The node as a repository of its own, should n8n refuse packages of monorepos: docs/releasing.md. */

const ROOT = join(import.meta.dirname, '../..');

const resources = new AsyncDisposableStack();
let mirror: string;
let published: string;
beforeAll(async () => {
  const { path } = resources.use(await temporaryFolder());
  // Its parents have no node_modules, so it has its own packages alone.
  mirror = join(path, 'repository', PACKAGE_NAME);
  await run(process.execPath, [join(ROOT, 'tools/n8n-mirror.ts'), mirror]);
  await install(path);
  await run(process.execPath, ['build.mjs'], { cwd: mirror });
  const packed = join(path, 'packed');
  await mkdir(packed);
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', packed], { cwd: mirror });
  const [tarball = ''] = await readdir(packed);
  published = await unpack(join(packed, tarball), join(path, 'published', PACKAGE_NAME));
});
afterAll(() => resources.disposeAsync());

/** As `npm install` with the published core: here core is packed, and the other packages are those of the workspace. */
async function install(path: string): Promise<void> {
  const modules = join(mirror, 'node_modules');
  const packed = join(path, 'core');
  await mkdir(packed);
  await unpack(await pack(join(ROOT, 'packages/core'), packed), join(modules, '@wan-image/core'));
  await link(join(ROOT, 'packages/core/node_modules/zod'), join(modules, 'zod'));
  for (const name of ['@types/node', 'esbuild', 'n8n-workflow', 'typescript']) {
    await link(join(ROOT, 'packages', PACKAGE_NAME, 'node_modules', name), join(modules, name));
  }
}

async function link(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await symlink(await realpath(from), to);
}

test('its manifest has no trace of the workspace', async () => {
  const text = await readFile(join(mirror, 'package.json'), 'utf8');
  expect(text).not.toMatch(/workspace:|catalog:|"directory"/);
  const manifest = JSON.parse(text) as Record<string, Record<string, string>>;
  expect(manifest['devDependencies']).toMatchObject({ '@wan-image/core': manifest['version'] });
  expect(manifest['repository']).toEqual({ type: 'git', url: `https://github.com/wan-image/${PACKAGE_NAME}.git` });
  expect(manifest).not.toHaveProperty('dependencies');
});

test('its README has no link that leads out of it', async () => {
  const readme = await readFile(join(mirror, 'README.md'), 'utf8');
  expect(readme).not.toContain('](../');
  for (const [, path = ''] of readme.matchAll(/\]\(((?!https?:|#)[^)#]+)/g)) {
    expect((await stat(join(mirror, path))).size).toBeGreaterThan(0);
  }
});

test('it passes the type check', async () => {
  const compiler = join(mirror, 'node_modules/typescript/bin/tsc');
  expect(await run(process.execPath, [compiler, '-p', 'tsconfig.json'], { cwd: mirror })).toBe('');
});

test('it passes the linter of n8n, in strict mode', async () => {
  const { passed, findings, files } = await lintForN8n(mirror);
  expect({ passed, findings }).toEqual({ passed: true, findings: [] });
  expect(files).toContain('nodes/WanImageTrigger/WanImageTrigger.node.ts');
});

test('it passes the scan, of its sources and of its package', async () => {
  expect(await scanSourceForN8n(mirror)).toEqual({ passed: true });
  expect(await scanForN8n(published)).toEqual({ passed: true });
});

test('its package is that of the monorepo, but for the manifest and the links of the README', async () => {
  const filesIn = async (folder: string): Promise<string[]> => {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
      .toSorted();
  };
  const dist = join(ROOT, 'packages', PACKAGE_NAME, 'dist');
  const files = await filesIn(published);
  expect(files).toEqual(
    ['LICENSE', 'README.md', 'package.json', ...(await filesIn(dist)).map((path) => join('dist', path))].toSorted(),
  );
  const sizes = await Promise.all(files.map(async (path) => (await stat(join(published, path))).size));
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(300_000);
  expect(await readFile(join(published, 'dist/LICENSES.txt'), 'utf8')).toMatch(/^zod \d/m);
});
