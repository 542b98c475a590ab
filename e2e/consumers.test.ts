import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startSimulator, type Simulator } from '@wan-image/simulator';
import { build as buildWithVite } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openRuntimes, type Runtimes } from './support/binaries.ts';
import { openBrowser } from './support/browser.ts';
import { bundleProgram } from './support/bundle.ts';
import { scanForN8n } from './support/n8n-rules.ts';
import { packedCore, type Packed } from './support/packed.ts';
import { IMAGES } from './support/images.ts';
import { run } from './support/run.ts';
import { serveSameOrigin } from './support/same-origin.ts';

const resources = new AsyncDisposableStack();
let packed: Packed;
let runtimes: Runtimes;
let simulator: Simulator;
beforeAll(async () => {
  runtimes = await openRuntimes();
  packed = resources.use(await packedCore());
  simulator = resources.adopt(await startSimulator({ port: 0, latencyMs: 0 }), (opened) => opened.close());
});
afterAll(() => resources.disposeAsync());

/** The output of a program of the project, as JSON. */
const printed = async (node: string, program: string): Promise<unknown> =>
  JSON.parse(await run(node, [join(packed.project, program), simulator.url]));

describe.each<[string, () => string]>([
  ['20', () => runtimes.node20],
  ['22', () => runtimes.node22],
  ['24', () => process.execPath],
])('the published package makes images on Node %s', (_version, node) => {
  test('in an ES module', async () => {
    expect(await printed(node(), 'module.js')).toEqual(IMAGES);
  });

  test('in CommonJS', async () => {
    expect(await printed(node(), 'commonjs.cjs')).toEqual(IMAGES);
  });
});

test('the published package makes images in a page built by Vite', async () => {
  const outDir = join(packed.project, 'page');
  await buildWithVite({ root: packed.project, configFile: false, logLevel: 'error', build: { outDir } });
  await using server = await serveSameOrigin(outDir, simulator.url);
  await using browser = await openBrowser();
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on('pageerror', ({ message }) => errors.push(message));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  await page.goto(`${server.url}/index.html`);
  await page.waitForFunction(() => document.body.textContent.trim() !== '', null, { timeout: 0 });
  expect(await page.textContent('body')).toBe(JSON.stringify(IMAGES));
  expect(errors).toEqual([]);
});

describe('bundled into an n8n node', () => {
  const manifest = {
    name: 'n8n-nodes-wan-image',
    version: '0.0.0',
    description: 'A node that makes images',
    homepage: 'https://example.com/n8n-nodes-wan-image',
    license: 'MIT',
    author: { name: 'nobody', email: 'nobody@example.com' },
    repository: { type: 'git', url: 'https://example.com/n8n-nodes-wan-image.git' },
    keywords: ['n8n-community-node-package'],
    files: ['dist'],
    n8n: { n8nNodesApiVersion: 1, strict: true, nodes: ['dist/nodes/WanImage/WanImage.node.js'] },
    peerDependencies: { 'n8n-workflow': '*' },
  };
  const folder = (): string => join(packed.project, 'n8n-package');
  const program = 'n8n-package/dist/nodes/WanImage/WanImage.node.js';

  beforeAll(async () => {
    await bundleProgram(packed.project, 'n8n-node.js', program, {
      format: 'cjs',
      platform: 'node',
      target: 'es2022',
      define: { globalThis: 'ownGlobal' },
      inject: [join(packed.project, 'n8n-global.js')],
    });
    await writeFile(join(folder(), 'package.json'), JSON.stringify(manifest));
  });

  test('the published package makes images', async () => {
    expect(await printed(process.execPath, 'n8n-run.cjs')).toEqual(IMAGES);
  });

  test('the published package passes the scan of n8n', async () => {
    // The scan has to see zod as well.
    expect(await readFile(join(packed.project, program), 'utf8')).toMatch(
      /ZodMiniObject[^]*ownGlobal|ownGlobal[^]*ZodMiniObject/,
    );
    expect(await scanForN8n(folder())).toEqual({ passed: true });
  });

  test('the scan finds what n8n forbids', async () => {
    const other = join(packed.project, 'n8n-forbidden');
    await mkdir(other);
    await writeFile(join(other, 'package.json'), JSON.stringify(manifest));
    await writeFile(join(other, 'node.js'), 'globalThis.setTimeout(() => {}, 1);');
    const { passed, details } = await scanForN8n(other);
    expect(passed).toBe(false);
    expect(details).toContain('globalThis');
  });
});
