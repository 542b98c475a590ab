import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createHistoryClient } from '@wan-image/core';
import { eventually } from '@wan-image/testing/eventually';
import { temporaryFolder } from '@wan-image/testing/folders';
import { disposable } from '@wan-image/testing/resource';
import { expect, test } from 'vitest';
import { run } from './support/run.ts';
import { startService } from './support/service.ts';

const ROOT = join(import.meta.dirname, '..');

/**
 * Runs a command of the README as typed, with all the processes that it starts. Without `npx`: this test already runs below one, and npm
 * locks its cache.
 */
function runInShell(
  command: string,
  environment: Record<string, string>,
): { readonly output: () => string } & AsyncDisposable {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn('bash', ['-c', command], {
    cwd: ROOT,
    env: { PATH, HOME, ...environment },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed: string[] = [];
  child.stdout.on('data', (chunk: Buffer) => printed.push(chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => printed.push(chunk.toString()));
  const gone = new Promise((resolve) => child.once('close', resolve));
  return disposable({ output: () => printed.join('') }, async () => {
    // The group: npx, pnpm, turbo and the service itself.
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    await gone;
  });
}

test('pnpm start serves', async () => {
  await using folder = await temporaryFolder();
  await using running = runInShell('pnpm start', { DATA_DIR: folder.path, PORT: '0' });
  await eventually(() => expect(running.output()).toMatch(/^curl http/m), 60_000);
  const url = /listens on (http:\S+)/.exec(running.output())?.[1] ?? '';
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
});

test('pnpm simulator serves', async () => {
  await using running = runInShell('pnpm simulator --port 0', {});
  await eventually(() => expect(running.output()).toMatch(/listens on http/), 60_000);
  const url = /listens on (http:\S+)/.exec(running.output())?.[1] ?? '';
  expect((await fetch(`${url}/v1/models`, { headers: { authorization: 'Bearer any' } })).status).toBe(200);
});

test('pnpm sweep refuses to run beside a service, and sweeps when none runs', async () => {
  await using folder = await temporaryFolder();
  const environment = { DATA_DIR: folder.path };
  const sweep = (): Promise<string> => run('bash', ['-c', 'pnpm sweep'], { cwd: ROOT, env: environment });
  {
    await using _service = await startService({ ...environment, PORT: '0' });
    await expect(sweep()).rejects.toThrow(/Nothing was swept. \S+ is in use by another/);
  }
  await writeFile(join(folder.path, 'images', 'tmp', 'half'), 'half');
  expect(await sweep()).toContain('Unfinished files: 1.');
});

test('pnpm statistics refuses to run beside a service on the embedded database, and counts when none runs', async () => {
  await using folder = await temporaryFolder();
  const environment = { DATA_DIR: folder.path };
  const recount = (): Promise<string> => run('bash', ['-c', 'pnpm statistics'], { cwd: ROOT, env: environment });
  {
    await using service = await startService({ ...environment, PORT: '0' });
    await createHistoryClient({ baseUrl: service.url, apiKey: 'any' }).submit({ model: 'wan2.7-image', prompt: '花' });
    await expect(recount()).rejects.toThrow(/The statistics are as they were. \S+ is in use by another/);
  }
  expect(await recount()).toContain('Hours with generations: 1.');
});
