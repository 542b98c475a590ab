import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'write-commit-'));
});
afterEach(() => rm(folder, { recursive: true }));

const run = promisify(execFile);

async function git(...args: string[]): Promise<string> {
  const author = ['-c', 'user.name=a', '-c', 'user.email=a@example.com', '-c', 'commit.gpgsign=false'];
  return (await run('git', [...author, ...args], { cwd: folder })).stdout.trim();
}

async function commitIn(root: string, env: NodeJS.ProcessEnv = process.env): Promise<unknown> {
  const file = join(folder, 'out.json');
  await run(process.execPath, [join(import.meta.dirname, 'write-commit.ts'), file, root], { env });
  return (JSON.parse(await readFile(file, 'utf8')) as { commit: unknown }).commit;
}

async function makeRepository(): Promise<string> {
  await git('init', '-q');
  await writeFile(join(folder, 'a.txt'), 'a');
  await git('add', 'a.txt');
  await git('commit', '-qm', 'a');
  return git('rev-parse', '--short=12', 'HEAD');
}

test('the commit of the working tree is written, and whether it was changed', async () => {
  const commit = await makeRepository();
  await git('tag', 'v1');
  expect(await commitIn(folder)).toBe(commit);
  await writeFile(join(folder, 'a.txt'), 'b');
  expect(await commitIn(folder)).toBe(`${commit}-dirty`);
});

test('a hook of another repository does not change it', async () => {
  const commit = await makeRepository();
  expect(await commitIn(folder, { ...process.env, GIT_DIR: '/there/is/none' })).toBe(commit);
});

test('it is null without a repository, within another one, and without Git', async () => {
  expect(await commitIn(folder)).toBeNull();
  await makeRepository();
  const unpacked = join(folder, 'unpacked');
  await mkdir(unpacked);
  expect(await commitIn(unpacked)).toBeNull();
  expect(await commitIn(folder, { PATH: '' })).toBeNull();
});
