import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createHistoryClient, type ApiKeyRecord, type CreatedApiKey, type GenerationRecord } from '@wan-image/core';
import { temporaryFolder } from '@wan-image/testing/folders';
import { encodeImage } from '@wan-image/testing/images';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pnpm, run } from './support/run.ts';
import { startService, type Service } from './support/service.ts';

const EXAMPLES = join(import.meta.dirname, '../examples');
const ADMIN_API_KEY = 'admin-key-of-the-examples';
const URL_OF_EXAMPLES = 'http://127.0.0.1:3000';

const resources = new AsyncDisposableStack();
let folder: string;
let service: Service;
beforeAll(async () => {
  folder = resources.use(await temporaryFolder()).path;
  service = resources.use(await startService({ DATA_DIR: join(folder, 'data'), PORT: '0' }));
});
afterAll(() => resources.disposeAsync());

/** The Python of `PYTHON`, or else `python3`, if it has the package `openai`; otherwise null. */
const python = await (async (): Promise<string | null> => {
  const command = process.env['PYTHON'] ?? 'python3';
  return run(command, ['-c', 'import openai']).then(
    () => command,
    () => null,
  );
})();

/** Runs an example as it is, but for the address of the service. Its file is next to it, so that it finds its packages. */
async function runExample(command: string, name: string, url = service.url, env = {}): Promise<string> {
  const code = (await readFile(join(EXAMPLES, name), 'utf8')).replaceAll(URL_OF_EXAMPLES, url);
  const path = join(EXAMPLES, `.run-${name}`);
  await writeFile(path, code);
  try {
    return await run(command, [path], { cwd: folder, env });
  } finally {
    await rm(path);
  }
}

/** The records that a run has added, newest first. */
async function recordsOf(work: () => Promise<unknown>): Promise<readonly GenerationRecord[]> {
  const history = createHistoryClient({ baseUrl: service.url, apiKey: 'any' });
  const known = new Set((await history.page({ limit: 100 })).data.map(({ id }) => id));
  await work();
  return (await history.page({ limit: 100 })).data.filter(({ id }) => !known.has(id));
}

/** What each example does. An example without an entry fails. */
const CHECKS: Readonly<Record<string, (name: string) => Promise<void>>> = {
  'edit-a-file.mjs': async (name) => {
    await writeFile(join(folder, 'photo.jpg'), await encodeImage({ format: 'jpeg', width: 640, height: 480 }));
    const [record] = await recordsOf(() => runExample(process.execPath, name));
    expect(record?.input_images).toMatchObject([{ kind: 'stored', width: 640, height: 480, mime_type: 'image/jpeg' }]);
    const edited = await readFile(join(folder, 'edited-0.png'));
    expect([edited.subarray(1, 4).toString(), edited.length]).toEqual(['PNG', record?.images[0]?.bytes]);
  },
  'submit-and-wait.mjs': async (name) => {
    let output = '';
    const [record] = await recordsOf(async () => (output = await runExample(process.execPath, name)));
    expect(record).toMatchObject({ state: 'succeeded', images: [{ state: 'stored' }, { state: 'stored' }] });
    const lines = output.trim().split('\n');
    expect(lines.filter((line) => line === 'image stored')).toHaveLength(2);
    expect(lines).toContain('state succeeded');
    expect(lines.slice(-2)).toEqual(record?.images.map(({ url }) => url));
  },
  'retry-safely.mjs': async (name) => {
    let output = '';
    const records = await recordsOf(async () => (output = await runExample(process.execPath, name)));
    expect(records).toMatchObject([{ state: 'succeeded', user: 'alice', metadata: { order: '4711' } }]);
    expect(output).toBe('true\n1\n');
  },
  'stream-images.sh': async (name) => {
    let output = '';
    const [record] = await recordsOf(async () => (output = await runExample('bash', name)));
    expect(output.match(/^event: image_generation\.completed$/gm)).toHaveLength(record?.images.length ?? -1);
    expect(record).toMatchObject({ state: 'succeeded', request: { enable_sequential: true, n: 4 } });
  },
  'key-with-budget.sh': async (name) => {
    const env = { ADMIN_API_KEY, PRICES: 'wan2.7-image=0.20,wan2.7-image-pro=0.50' };
    await using data = await temporaryFolder();
    await using priced = await startService({ DATA_DIR: data.path, PORT: '0', ...env });
    const { key, ...created } = JSON.parse(
      await runExample('bash', name, priced.url, { ADMIN_API_KEY }),
    ) as CreatedApiKey;
    const read = await fetch(`${priced.url}/v1/api-keys/${created.id}`, {
      headers: { authorization: `Bearer ${ADMIN_API_KEY}` },
    });
    const limit = { amount: '50.00', period: 'month', currency: 'CNY' };
    expect((await read.json()) as ApiKeyRecord).toMatchObject({ name: 'shop', rate_limit: 30, spend_limit: limit });
    expect((await createHistoryClient({ baseUrl: priced.url, apiKey: key }).page()).data).toEqual([]);
  },
  'openai_sdk.py': async (name) => {
    let output = '';
    const [record] = await recordsOf(async () => (output = await runExample(python ?? '', name)));
    expect(record).toMatchObject({ user: 'alice', metadata: { order: '4711' }, request: { seed: 7 } });
    expect(output.trim()).toBe(record?.images[0]?.url);
  },
};

describe('an example does what the README says', () => {
  const withoutPython = Object.keys(CHECKS).filter((name) => !name.endsWith('.py'));

  test.each(withoutPython)('%s', async (name) => {
    await expect(CHECKS[name]?.(name)).resolves.toBeUndefined();
  });

  // Without a Python that has the package, the request that it sends is a case of `cases/openai.ts`.
  test.skipIf(python === null)('openai_sdk.py', async () => {
    await expect(CHECKS['openai_sdk.py']?.('openai_sdk.py')).resolves.toBeUndefined();
  });
});

test('every example is run', async () => {
  const programs = (await readdir(EXAMPLES)).filter((name) => /^[^.].*\.(mjs|sh|py)$/.test(name));
  expect(programs.toSorted()).toEqual(Object.keys(CHECKS).toSorted());
});

/** The blocks of code of a part of a README, each with its language. */
async function recipesOf(readme: string): Promise<readonly string[]> {
  const text = await readFile(join(EXAMPLES, '..', readme), 'utf8');
  return [...text.matchAll(/\(examples\/([\w.-]+\.\w+)\).*\n\n```(?:js|sh|py)\n([^]*?)```/g)].map(
    ([, name = '', code = '']) => `${name}\n${code}`,
  );
}

test.each(['README.md', 'README.zh-CN.md'])('%s shows each example as it is', async (readme) => {
  const files = await Promise.all(
    Object.keys(CHECKS).map(async (name) => `${name}\n${await readFile(join(EXAMPLES, name), 'utf8')}`),
  );
  expect((await recipesOf(readme)).toSorted()).toEqual(files.toSorted());
});

/** The commands of the README that install packages from this repository. */
async function installation(): Promise<readonly string[]> {
  const text = await readFile(join(EXAMPLES, '../README.md'), 'utf8');
  const block = /```sh\n([^`]* pack --out [^`]*)```/.exec(text)?.[1] ?? '';
  const commands = block.split('\n').map((line) => line.replace(/#.*$/, '').trim());
  return commands.filter((line) => line !== '');
}

test('the packages install from this repository as the README says, and generate an image', async () => {
  await using project = await temporaryFolder();
  await writeFile(join(project.path, 'package.json'), '{"private":true,"type":"module"}');
  const [build, ...commands] = await installation();
  // What is built already.
  expect(build).toBe('npx -y pnpm build');
  expect(commands.map((command) => command.split(' ')[0])).toEqual(['npx', 'npx', 'npm']);
  for (const command of commands) {
    const [program, ...args] = command
      .replaceAll('/tmp', project.path)
      .replace(/^npx -y /, '')
      .split(/\s+/);
    if (program === 'pnpm') await pnpm(args, join(EXAMPLES, '..'));
    else await run('npm', [...args, '--no-audit', '--no-fund'], { cwd: project.path });
  }
  const program = join(project.path, 'example.mjs');
  const code = await readFile(join(EXAMPLES, 'submit-and-wait.mjs'), 'utf8');
  await writeFile(program, code.replace(URL_OF_EXAMPLES, service.url));
  expect(await run(process.execPath, [program], { cwd: project.path })).toContain('state succeeded');
});
