import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const POSTGRES = join(import.meta.dirname, '../packages/testing/src/postgres.ts');

test('a failed run keeps its exit code after it has used PostgreSQL', async () => {
  const program = `process.exitCode = 7; await import(${JSON.stringify(pathToFileURL(POSTGRES).href)});`;
  const run = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
  await expect(run).rejects.toMatchObject({ code: 7 });
});
