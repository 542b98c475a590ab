import { expect, test } from 'vitest';
import { mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { lockFolder } from '../src/storage/folder-lock.ts';
import { openTestData, runHistory } from './support/test-history.ts';

test('a second process on the same data folder refuses to start, naming the lock holder and the remedy', async () => {
  await using testData = await openTestData();
  {
    await using _first = await runHistory(testData);
    await expect(runHistory(testData)).rejects.toThrow(
      new RegExp(`${testData.dataDir} is in use .*PID ${process.pid}.*DATABASE_URL`),
    );
  }
  // The first process has released the lock.
  await using _second = await runHistory(testData);
});

test('a folder in which the lock holder cannot be written is not locked', async () => {
  await using testData = await openTestData();
  const inTheWay = join(testData.dataDir, 'lock-holder');
  await mkdir(inTheWay);
  await expect(lockFolder(testData.dataDir)).rejects.toThrow('EISDIR');
  await rmdir(inTheWay);
  (await lockFolder(testData.dataDir)).release();
});
