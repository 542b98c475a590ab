import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createHistoryClient } from '@wan-image/core';
import { expect, test } from 'vitest';
import { startService, temporaryFolder } from './support/service.ts';

const README = await readFile(join(import.meta.dirname, '../README.md'), 'utf8');
const snippets = [...README.matchAll(/```ts\n([^]*?)```/g)].map((match) => match[1] ?? '');

test('the README has programs', () => {
  expect(snippets.length).toBeGreaterThanOrEqual(2);
});

test.each(snippets.map((code, index) => [index + 1, code] as const))(
  'program %i of the README makes a picture',
  async (index, code) => {
    await using folder = await temporaryFolder();
    await using service = await startService({ DATA_DIR: folder.path, PORT: '0' });
    // Here, so that it finds the packages as a user's project would.
    const path = join(import.meta.dirname, `.readme-${index}.mts`);
    await writeFile(path, code.replaceAll('http://127.0.0.1:3000', service.url));
    try {
      await promisify(execFile)(process.execPath, [path]);
    } finally {
      await rm(path);
    }
    const { data } = await createHistoryClient({ baseUrl: service.url, apiKey: 'any' }).page();
    expect(data).toMatchObject([{ state: 'succeeded', prompt: '一间花店' }]);
  },
);
