import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT } from './source-files.ts';

/** A line that breaks a dependency rule of `docs/architecture.md`, the file that it stands in, and the reason that lint gives. */
const BREACHES: readonly (readonly [file: string, line: string, reason: string])[] = [
  ['packages/core/src/contract/a.ts', `import '../client/call.ts';`, 'Everything else imports the contract'],
  [
    'packages/core/src/images/a.ts',
    `import '../contract/limits.ts';`,
    'images knows image formats and nothing of this API',
  ],
  ['packages/core/src/protocol/a.ts', `import '../client/call.ts';`, 'are pure: values in, values out'],
  ['packages/core/src/errors/a.ts', `import '../transport/transport.ts';`, 'are pure: values in, values out'],
  ['packages/core/src/transport/a.ts', `import '../contract/limits.ts';`, 'knows nothing of the contract'],
  ['packages/core/src/client/a.ts', `import 'node:fs';`, 'core depends on zod/mini and nothing else'],
  ['packages/core/src/client/a.ts', `import 'zod';`, 'core depends on zod/mini and nothing else'],
  ['packages/core/src/client/a.ts', `export const timer = setTimeout(() => undefined, 1);`, 'Time is a port'],
  ['packages/core/src/errors/a.ts', `export const key = process.env;`, 'the host passes in what it has'],
  [
    'packages/n8n-nodes-wan-image/nodes/WanImage/a.ts',
    `import 'node:crypto';`,
    'n8n provides a node with n8n-workflow',
  ],
  [
    'packages/n8n-nodes-wan-image/nodes/WanImage/a.ts',
    `import '@wan-image/core';`,
    'n8n provides a node with n8n-workflow',
  ],
  ['packages/simulator/src/a.ts', `import '@wan-image/history';`, 'Packages never import apps'],
  [
    'packages/simulator/src/a.ts',
    `import '@wan-image/core/src/index.ts';`,
    'Import a package through the entry points',
  ],
  ['apps/history/src/gateway/a.ts', `import '@wan-image/core/dist/index.js';`, 'through their entry points'],
  ['apps/history/src/gateway/a.ts', `import 'n8n-nodes-wan-image';`, 'through their entry points'],
  ['apps/history/src/gateway/a.service.ts', `import 'typeorm';`, 'Only repositories, entities and database/'],
  ['apps/history/src/gateway/intake/a.service.ts', `import 'typeorm';`, 'Only repositories, entities and database/'],
  [
    'apps/history/src/gateway/a.controller.ts',
    `import '../generations/generations.repository.ts';`,
    'A controller translates between HTTP and a service',
  ],
  [
    'apps/history/src/generations/a.repository.ts',
    `import '../http/contract.pipe.ts';`,
    'Repositories and entities know nothing of HTTP',
  ],
  [
    'apps/history/src/gateway/a.ts',
    `export const port = process.env['PORT'];`,
    'Only config/environment.ts reads the environment',
  ],
];

const ALLOWED: readonly (readonly [file: string, line: string])[] = [
  ['apps/history/src/gateway/a.service.ts', `export { MODELS } from '@wan-image/core';`],
  [
    'apps/history/src/gateway/intake/a.service.ts',
    `export { Generations } from '../../generations/generations.service.ts';`,
  ],
  ['apps/history/src/generations/a.service.ts', `export { Rows } from './rows.repository.ts';`],
  ['apps/history/src/generations/a.repository.ts', `export { DataSource } from 'typeorm';`],
  ['packages/core/src/client/a.ts', `export { MODELS } from '../contract/models.ts';`],
];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wan-image-dependency-rules-'));
  await cp(join(ROOT, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface LintResult {
  readonly code: number;
  readonly output: string;
}

async function lint(file: string, line: string, format: 'default' | 'json'): Promise<LintResult> {
  const path = join(folder, file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${line}\n`);
  const oxlint = join(ROOT, 'node_modules/.bin/oxlint');
  const options = ['--config', '.oxlintrc.json', '--format', format, file];
  const run = promisify(execFile)(oxlint, options, { cwd: folder });
  const result = await run.then(
    ({ stdout }) => ({ code: 0, output: stdout }),
    (error: { code: number; stdout: string }) => ({ code: error.code, output: error.stdout }),
  );
  await rm(path);
  return result;
}

test.each(BREACHES)('lint rejects in %s: %s', async (file, line, reason) => {
  const { code, output } = await lint(file, line, 'json');
  expect(output).toContain(reason);
  expect(code).toBe(1);
});

test.each(ALLOWED)('lint accepts in %s: %s', async (file, line) => {
  const { code, output } = await lint(file, line, 'default');
  expect(output).toContain('Found 0 warnings and 0 errors.');
  expect(code).toBe(0);
});
