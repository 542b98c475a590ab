import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../support/run.ts';

const ROOT = join(import.meta.dirname, '../..');

/** The properties that `pnpm test` checks with fewer rows, by the same code. */
test.each(['postgres', 'pglite'])(
  '2,000 searches among 50,000 prompts find exactly what contains their words, on %s',
  async (kind) => {
    const args = [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--project',
      `history on ${kind}`,
      'apps/history/test/search.test.ts',
    ];
    const output = await run(process.execPath, [...args, '--testTimeout=1500000', '--hookTimeout=1500000'], {
      cwd: ROOT,
      env: { SEARCH_ROWS: '50000', SEARCH_QUERIES: '2000', NO_COLOR: '1' },
      timeoutMs: 1_700_000,
    });
    expect(output).toMatch(/Tests {2}\d+ passed/);
  },
  1_800_000,
);
