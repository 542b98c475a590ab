import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = dirname(import.meta.dirname);

/** A line that goes against an arrow of `docs/architecture.md`, where it stands, and what lint must say. */
const AGAINST: readonly (readonly [file: string, line: string, why: string])[] = [
  ['packages/core/src/contract/a.ts', `import '../client/call.ts';`, 'The contract is the ground'],
  ['packages/core/src/images/a.ts', `import '../contract/limits.ts';`, 'images knows images and nothing of this API'],
  ['packages/core/src/protocol/a.ts', `import '../client/call.ts';`, 'are pure: values in, values out'],
  ['packages/core/src/errors/a.ts', `import '../transport/transport.ts';`, 'are pure: values in, values out'],
  ['packages/core/src/transport/a.ts', `import '../contract/limits.ts';`, 'knows nothing of the contract'],
  ['packages/core/src/client/a.ts', `import 'node:fs';`, 'core depends on zod/mini and nothing else'],
  ['packages/core/src/client/a.ts', `import 'zod';`, 'core depends on zod/mini and nothing else'],
  ['packages/core/src/client/a.ts', `export const timer = setTimeout(() => undefined, 1);`, 'Time is a port'],
  ['packages/core/src/errors/a.ts', `export const key = process.env;`, 'the host hands in what it has'],
  ['packages/n8n-nodes-wan-image/nodes/WanImage/a.ts', `import 'node:crypto';`, 'n8n gives a node n8n-workflow'],
  ['packages/n8n-nodes-wan-image/nodes/WanImage/a.ts', `import '@wan-image/core';`, 'n8n gives a node n8n-workflow'],
  ['packages/simulator/src/a.ts', `import '@wan-image/history';`, 'Packages never import apps'],
  ['packages/simulator/src/a.ts', `import '@wan-image/core/src/index.ts';`, 'A package is entered by its doors'],
  ['apps/history/src/gateway/a.ts', `import '@wan-image/core/dist/index.js';`, 'by their doors alone'],
  ['apps/history/src/gateway/a.ts', `import 'n8n-nodes-wan-image';`, 'by their doors alone'],
  ['apps/history/src/gateway/a.service.ts', `import 'typeorm';`, 'Only repositories, entities and database/'],
  [
    'apps/history/src/gateway/a.service.ts',
    `import '../generations/generations.repository.ts';`,
    "A feature uses another's service",
  ],
  [
    'apps/history/src/gateway/a.controller.ts',
    `import '../generations/generations.repository.ts';`,
    'A controller turns HTTP into a call',
  ],
  [
    'apps/history/src/generations/a.repository.ts',
    `import '../http/api-error.ts';`,
    'The database knows nothing of HTTP',
  ],
  [
    'apps/history/src/gateway/a.ts',
    `export const port = process.env['PORT'];`,
    'Only config/environment.ts reads the environment',
  ],
];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wan-image-arrows-'));
  await cp(join(ROOT, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function lint(file: string, line: string): Promise<string> {
  const path = join(folder, file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${line}\n`);
  const oxlint = join(ROOT, 'node_modules/.bin/oxlint');
  const run = promisify(execFile)(oxlint, ['--config', '.oxlintrc.json', '--format', 'json', file], { cwd: folder });
  const { stdout } = await run.catch((error: { stdout: string }) => error);
  await rm(path);
  return stdout;
}

test.each(AGAINST)('%s: %s', async (file, line, why) => {
  expect(await lint(file, line)).toContain(why);
});

test('what goes along the arrows is not complained of', async () => {
  expect(
    await lint('apps/history/src/gateway/a.service.ts', `export { MODELS } from '@wan-image/core';`),
  ).not.toContain('restricted');
});
