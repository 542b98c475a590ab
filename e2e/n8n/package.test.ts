import { cp, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '@wan-image/testing/folders';
import { lintForN8n, scanForN8n, scanSourceForN8n } from '../support/n8n-rules.ts';
import { importsOf } from '../support/n8n/dist-code.ts';
import { PACKAGE_NAME, packedNode, unpack } from '../support/n8n/node-package.ts';

const SOURCE = join(import.meta.dirname, '../../packages', PACKAGE_NAME);

const resources = new AsyncDisposableStack();
let folder: string;
beforeAll(async () => {
  const { tarball } = resources.use(await packedNode());
  const { path } = resources.use(await temporaryFolder());
  folder = await unpack(tarball, join(path, PACKAGE_NAME));
});
afterAll(() => resources.disposeAsync());

const published = (path: string): Promise<string> => readFile(join(folder, path), 'utf8');

async function publishedFiles(): Promise<string[]> {
  const all = await readdir(folder, { recursive: true, withFileTypes: true });
  return all
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1));
}

describe('the verification of n8n', () => {
  test('the linter, in strict mode, has no error and no warning', async () => {
    const { passed, files, findings } = await lintForN8n(SOURCE);
    expect({ passed, findings }).toEqual({ passed: true, findings: [] });
    expect(files).toEqual(
      expect.arrayContaining([
        'credentials/WanImageApi.credentials.ts',
        'nodes/WanImage/WanImage.node.ts',
        'nodes/WanImageTrigger/WanImageTrigger.node.ts',
        'package.json',
      ]),
    );
  });

  test('the scan passes for the package', async () => {
    expect(await scanForN8n(folder)).toEqual({ passed: true });
  });

  test('the scan passes for the sources', async () => {
    expect(await scanSourceForN8n(SOURCE)).toEqual({ passed: true });
  });

  test('the linter finds errors, warnings, disabled lines, and a changed configuration', async () => {
    await using other = await temporaryFolder();
    const copy = join(other.path, 'packages', PACKAGE_NAME);
    await cp(join(SOURCE, '../../tsconfig.base.json'), join(other.path, 'tsconfig.base.json'));
    await cp(SOURCE, copy, { recursive: true });
    await writeFile(join(copy, 'nodes/wait.ts'), 'setTimeout(() => {}, 1); // eslint-disable-line\n');
    await writeFile(join(copy, 'nodes/left-over.bak'), '');
    await writeFile(
      join(copy, 'eslint.config.mjs'),
      STOCK_CONFIGURATION.replace('default config', 'default [...config]'),
    );
    const { passed, output, findings } = await lintForN8n(copy);
    expect(passed).toBe(false);
    expect(output).toContain('Strict mode violation');
    expect(findings.map(({ severity, where, rule }) => `${severity} ${where} ${rule}`)).toEqual(
      expect.arrayContaining([
        'error nodes/wait.ts:1 @n8n/community-nodes/no-restricted-globals',
        'warning package.json:1 @n8n/community-nodes/no-dead-files',
      ]),
    );
  });

  test('the linter configuration is that of n8n, which strict mode requires unchanged', async () => {
    expect(await readFile(join(SOURCE, 'eslint.config.mjs'), 'utf8')).toBe(STOCK_CONFIGURATION);
    expect(JSON.parse(await published('package.json'))).toMatchObject({ n8n: { strict: true, n8nNodesApiVersion: 1 } });
  });

  test('the package cannot be published without provenance', async () => {
    // pnpm reads this setting, and not the one of npm in the manifest.
    expect(await readFile(join(SOURCE, '../../pnpm-workspace.yaml'), 'utf8')).toMatch(/^provenance: true$/m);
    const { repository, publishConfig } = JSON.parse(await published('package.json')) as Record<string, object>;
    expect(repository).toEqual({
      type: 'git',
      url: expect.stringMatching(/^https:\/\/github\.com\/[\w-]+\/[\w-]+\.git$/),
    });
    expect(publishConfig).toEqual({ access: 'public', provenance: true });
  });

  test('the licence is MIT, and is in the package with that of zod', async () => {
    expect(JSON.parse(await published('package.json'))).toMatchObject({ license: 'MIT' });
    expect(await published('LICENSE')).toContain('MIT License');
    expect(await published('dist/LICENSES.txt')).toMatch(/^zod \d/m);
  });

  test('installing it installs nothing else and runs no script', async () => {
    const manifest = JSON.parse(await published('package.json')) as Record<string, Record<string, string>>;
    expect(manifest['dependencies'] ?? {}).toEqual({});
    expect(manifest['optionalDependencies'] ?? {}).toEqual({});
    expect(manifest).not.toHaveProperty('bundledDependencies');
    expect(manifest).not.toHaveProperty('bundleDependencies');
    expect(manifest).not.toHaveProperty('overrides');
    expect(manifest['peerDependencies']).toEqual({ 'n8n-workflow': '*' });
    const scripts = Object.keys(manifest['scripts'] ?? {});
    expect(scripts.filter((name) => /install$|^prepare$|^prepublish$|^dependencies$/.test(name))).toEqual([]);
  });

  test('it imports n8n-workflow and its own core, and nothing else', async () => {
    const code = (await publishedFiles()).filter((path) => /\.[cm]?js$/.test(path));
    expect(code.length).toBeGreaterThanOrEqual(2);
    for (const path of code) {
      const { modules, names } = importsOf(await published(path));
      const foreign = modules.filter((name) => name !== 'n8n-workflow' && name !== '../../core.js');
      expect({ path, foreign, forbidden: FORBIDDEN.filter((name) => names.has(name)) }).toEqual({
        path,
        foreign: [],
        forbidden: [],
      });
    }
  });

  test('every form of import and global is found', () => {
    const code = "const load = require; require('a'); require(b); import('c'); d.process; ({ console, e: f[global] });";
    const { modules, names } = importsOf(code);
    expect(modules).toEqual([null, 'a', null, 'c']);
    expect(FORBIDDEN.filter((name) => names.has(name))).toEqual(['console', 'global']);
  });

  test('it has the licence, the README, the code, the icons, the codex and the schemas, and nothing else', async ({
    annotate,
  }) => {
    const files = await publishedFiles();
    expect(files.toSorted()).toEqual(
      [
        'LICENSE',
        'README.md',
        'dist/LICENSES.txt',
        'dist/core.js',
        'dist/credentials/WanImageApi.credentials.js',
        'dist/icons/wan-image.dark.svg',
        'dist/icons/wan-image.svg',
        'dist/nodes/WanImage/WanImage.node.js',
        'dist/nodes/WanImage/WanImage.node.json',
        ...SCHEMAS.map((path) => `dist/nodes/${path}`),
        'dist/nodes/WanImageTrigger/WanImageTrigger.node.js',
        'dist/nodes/WanImageTrigger/WanImageTrigger.node.json',
        'package.json',
      ].toSorted(),
    );
    const sizes = await Promise.all(files.map(async (path) => (await stat(join(folder, path))).size));
    const unpacked = sizes.reduce((sum, size) => sum + size, 0);
    await annotate(`${unpacked} bytes unpacked`);
    expect(unpacked).toBeLessThan(300_000);
  });

  test('it has two icons, for light and dark', async () => {
    const [light, dark] = await Promise.all(
      ['wan-image.svg', 'wan-image.dark.svg'].map((name) => published(`dist/icons/${name}`)),
    );
    for (const icon of [light, dark]) expect(icon).toMatch(/^<svg [^>]*viewBox="0 0 60 60"/);
    expect(light).not.toBe(dark);
  });

  test.each(['WanImage', 'WanImageTrigger'])('the codex of %s names the node and links to the README', async (name) => {
    const { homepage } = JSON.parse(await published('package.json')) as { homepage: string };
    const codex = JSON.parse(await published(`dist/nodes/${name}/${name}.node.json`)) as Record<string, unknown>;
    expect(codex).toMatchObject({
      node: `${PACKAGE_NAME}.${name[0]!.toLowerCase()}${name.slice(1)}`,
      resources: { primaryDocumentation: [{ url: homepage }], credentialDocumentation: [{ url: homepage }] },
    });
    // Rules of n8n's linter that are not published yet: the category AI, and subcategories, are for nodes of n8n's AI SDK alone.
    expect(codex['categories']).toEqual(['Marketing & Content']);
    expect(codex).not.toHaveProperty('subcategories');
  });

  test('its manifest names no folder of a monorepo, which a rule that is not published yet refuses', async () => {
    const { repository } = JSON.parse(await published('package.json')) as { repository: object };
    expect(repository).not.toHaveProperty('directory');
  });
});

const SCHEMAS = [
  ...['edit', 'generate'].map((name) => `WanImage/__schema__/v1.0.0/image/${name}.json`),
  ...['delete', 'downloadImages', 'favorite', 'get', 'getAll', 'rerun', 'restore', 'update'].map(
    (name) => `WanImage/__schema__/v1.0.0/generation/${name}.json`,
  ),
  'WanImageTrigger/__schema__/v1.0.0.json',
];

const STOCK_CONFIGURATION = "import { config } from '@n8n/node-cli/eslint';\n\nexport default config;\n";

/** Names that the scan forbids, and functions that run text as code. Not allowed as local names either, which a reviewer would have to check. */
const FORBIDDEN = [
  'Function',
  '__dirname',
  '__filename',
  'clearImmediate',
  'clearInterval',
  'clearTimeout',
  'console',
  'eval',
  'global',
  'globalThis',
  'process',
  'setImmediate',
  'setInterval',
  'setTimeout',
];
