import { execFile } from 'node:child_process';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createHistoryClient } from '@wan-image/core';
import { expect, test } from 'vitest';
import { temporaryFolder } from '@wan-image/testing/folders';
import { startService } from './support/service.ts';

async function programsOf(readme: string): Promise<readonly string[]> {
  const text = await readFile(join(import.meta.dirname, '..', readme), 'utf8');
  return [...text.matchAll(/```ts\n([^]*?)```/g)].map((match) => match[1] ?? '');
}

/** Runs a program in a folder. Its file is here, so that it resolves packages as the project of a user does. */
async function run(code: string, name: string, serviceUrl: string, folder: string): Promise<string> {
  const path = join(import.meta.dirname, `.readme-${name}.mts`);
  await writeFile(path, code.replaceAll('http://127.0.0.1:3000', serviceUrl));
  try {
    return (await promisify(execFile)(process.execPath, [path], { cwd: folder })).stdout;
  } finally {
    await rm(path);
  }
}

const snippets = await programsOf('README.md');

test('the README has programs', () => {
  expect(snippets.length).toBeGreaterThanOrEqual(2);
});

test.each(snippets.map((code, index) => [index + 1, code] as const))(
  'program %i of the README makes an image',
  async (index, code) => {
    await using folder = await temporaryFolder();
    await using service = await startService({ DATA_DIR: folder.path, PORT: '0' });
    await run(code, String(index), service.url, folder.path);
    const { data } = await createHistoryClient({ baseUrl: service.url, apiKey: 'any' }).page();
    expect(data).toMatchObject([{ state: 'succeeded', prompt: '一间花店' }]);
  },
);

test('every program of the manual of core runs unchanged', async () => {
  await using folder = await temporaryFolder();
  await using service = await startService({ DATA_DIR: join(folder.path, 'data'), PORT: '0' });
  const outputs: string[] = [];
  for (const [index, code] of (await programsOf('packages/core/README.md')).entries()) {
    outputs.push(await run(code, `core-${index}`, service.url, folder.path));
  }
  expect(outputs.length).toBeGreaterThan(6);
  expect(outputs.join('')).toContain('invalid_request caller not_billed size');
  expect(outputs.join('')).toContain('use "2K", or the model wan2.7-image-pro.');
  const written = (await readdir(folder.path)).filter((name) => name.endsWith('.png'));
  expect(written.toSorted()).toEqual([
    'flower.png',
    'sea-0.png',
    'sea-1.png',
    ...[0, 1, 2, 3].map((index) => `season-${index}.png`),
  ]);
});
