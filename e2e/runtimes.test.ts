import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startSimulator, type Simulator } from '@wan-image/simulator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '@wan-image/testing/folders';
import { openRuntimes, type Runtimes } from './support/binaries.ts';
import { bundleProgram } from './support/bundle.ts';
import { packedCore, type Packed } from './support/packed.ts';
import { IMAGES } from './support/images.ts';
import { run } from './support/run.ts';
import { startWorker } from './support/workerd.ts';

const ROOT = join(import.meta.dirname, '..');

let runtimes: Runtimes;
beforeAll(async () => {
  runtimes = await openRuntimes();
});

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/** Runs tests of core on a version of Node. Returns the test files that ran, and the failures. */
async function runCoreTests(
  node: string,
  filters: readonly string[],
  env: Record<string, string>,
): Promise<{ files: string[]; failed: string[] }> {
  await using folder = await temporaryFolder();
  const path = join(folder.path, 'report.json');
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'core', '--reporter=json'];
  const failure = await run(node, [...vitest, `--outputFile=${path}`, ...filters], { cwd: ROOT, env }).then(
    () => null,
    (error: Error) => error,
  );
  const text = await readFile(path, 'utf8').catch((cause: unknown) => Promise.reject(failure ?? cause));
  const { testResults } = JSON.parse(text) as Report;
  const failed = testResults.flatMap(({ name, message, assertionResults }) => [
    ...(message === '' ? [] : [`${name}: ${message}`]),
    ...assertionResults
      .filter(({ status }) => status !== 'passed')
      .map(({ fullName, failureMessages }) => `${fullName}: ${failureMessages[0]?.split('\n')[0] ?? 'did not run'}`),
  ]);
  // An error outside of a test fails the run as well.
  if (failure !== null && failed.length === 0) throw failure;
  return { files: testResults.map(({ name }) => name).toSorted(), failed };
}

describe("core's own tests pass on Node", () => {
  test.each<[string, () => string]>([
    ['20', () => runtimes.node20],
    ['22', () => runtimes.node22],
  ])('%s', async (_version, node) => {
    const source = join(ROOT, 'packages/core/src');
    const all = (await readdir(source, { recursive: true })).filter((path) => path.endsWith('.test.ts'));
    // The test below covers more random responses.
    const { files, failed } = await runCoreTests(node(), [], { FUZZ_BODIES: '10000' });
    expect(failed).toEqual([]);
    expect(files).toEqual(all.map((path) => join(source, path)).toSorted());
  });

  test('24, with 100,000 random responses', async () => {
    const { files, failed } = await runCoreTests(process.execPath, ['read-generation'], { FUZZ_BODIES: '100000' });
    expect(failed).toEqual([]);
    expect(files).toHaveLength(1);
  });
});

test.each<[string, () => string]>([
  ['20', () => runtimes.node20],
  ['22', () => runtimes.node22],
])('history on Node %s says which Node it needs, and nothing else', async (version, node) => {
  for (const command of ['main.js', 'cli/sweep.js']) {
    const started = run(node(), [join(ROOT, 'apps/history/dist', command)]);
    await expect(started).rejects.toThrow(
      new RegExp(`\\nThe history service needs Node 24 or newer, and this is ${version}\\.[\\d.]+\\. [^\\n]+\\n$`),
    );
  }
});

describe('the published package makes images', () => {
  const resources = new AsyncDisposableStack();
  let packed: Packed;
  let simulator: Simulator;
  beforeAll(async () => {
    packed = resources.use(await packedCore());
    simulator = resources.adopt(await startSimulator({ port: 0, latencyMs: 0 }), (opened) => opened.close());
  });
  afterAll(() => resources.disposeAsync());

  test('on Bun and on Deno the default transport passes the whole contract suite', async () => {
    const { project } = packed;
    const deno = ['run', '--no-prompt', '--cached-only', '--allow-all', 'transport-contract.js'];
    const env = { DENO_DIR: join(project, '.deno'), DENO_NO_UPDATE_CHECK: '1' };
    expect(JSON.parse(await run(runtimes.bun, ['transport-contract.js'], { cwd: project }))).toEqual([]);
    expect(JSON.parse(await run(runtimes.deno, deno, { cwd: project, env }))).toEqual([]);
  });

  test('on Bun', async () => {
    expect(JSON.parse(await run(runtimes.bun, ['module.js', simulator.url], { cwd: packed.project }))).toEqual(IMAGES);
  });

  test('on Deno with permission for that one host only', async () => {
    const { host } = new URL(simulator.url);
    const args = ['run', '--no-prompt', '--cached-only', `--allow-net=${host}`, 'module.js', simulator.url];
    const env = { DENO_DIR: join(packed.project, '.deno'), DENO_NO_UPDATE_CHECK: '1' };
    expect(JSON.parse(await run(runtimes.deno, args, { cwd: packed.project, env }))).toEqual(IMAGES);
  });

  test('in workerd', async () => {
    const worker = await bundleProgram(packed.project, 'worker.js', 'workerd/worker.js', {
      format: 'esm',
      platform: 'neutral',
      conditions: ['workerd', 'worker'],
      mainFields: ['module', 'main'],
    });
    await using running = await startWorker(runtimes.workerd, worker, simulator.url);
    expect(await (await fetch(running.url)).json()).toEqual(IMAGES);
  });
});
