import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@wan-image/testing/folders';
import { expect, test } from 'vitest';
import { makeFolders, unlessFull } from './make-folders.ts';

test('a folder is created with those above it, and again without an error', async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, 'a/b/c');
  await makeFolders(path);
  await Promise.all([makeFolders(path), makeFolders(path)]);
  expect((await stat(path)).isDirectory()).toBe(true);
});

test('a folder that the file system refuses is an error, and not tried for ever', async () => {
  await expect(makeFolders('/proc/wan-image/images')).rejects.toMatchObject({ code: 'ENOENT', syscall: 'mkdir' });
});

test('a file in place of the folder, or of one above it, is an error', async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, 'file');
  await writeFile(path, '');
  await expect(makeFolders(path)).rejects.toMatchObject({ code: 'EEXIST' });
  await expect(makeFolders(join(path, 'below'))).rejects.toMatchObject({ code: 'ENOTDIR' });
});

test('a full disk is passed over, another error is not', async () => {
  const failing = async (code: string): Promise<void> => {
    throw Object.assign(new Error('failed'), { code });
  };
  await unlessFull(failing('ENOSPC'));
  await unlessFull(failing('EDQUOT'));
  await expect(unlessFull(failing('EACCES'))).rejects.toMatchObject({ code: 'EACCES' });
});
