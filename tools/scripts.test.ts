import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const read = (path: string): Promise<string> => readFile(join(ROOT, path), 'utf8');

test('no script runs turbo with its telemetry, on any system', async () => {
  const { scripts } = JSON.parse(await read('package.json')) as { readonly scripts: Record<string, string> };
  const lines = Object.values(scripts).join('\n');
  expect(lines.match(/^turbo |&& turbo /gm)).toBeNull();
  // A variable before a command is none for the shell of Windows.
  expect(lines.match(/^\w+=|&& \w+=/gm)).toBeNull();
  const turbo = [join(import.meta.dirname, 'turbo.ts'), 'telemetry', 'status'];
  const { stdout } = await promisify(execFile)(process.execPath, turbo, { cwd: ROOT });
  expect(stdout).toMatch(/disabled/i);
});

test('packages are checked against the Node that scripts run on', async () => {
  const workspace = await read('pnpm-workspace.yaml');
  const [, used] = /^ {2}node: (\S+)$/m.exec(workspace) ?? [];
  const [, checked] = /^nodeVersion: (\S+)$/m.exec(workspace) ?? [];
  expect(used).toMatch(/^24\./);
  expect(checked).toBe(used);
});
