import { expect, test } from 'vitest';
import { mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { lockFolder } from '../src/storage/folder-lock.ts';
import { openPlace, runHistory } from './support/test-history.ts';

test('a second process on the same data folder is refused, with who holds it and what to do', async () => {
  await using place = await openPlace();
  {
    await using _first = await runHistory(place);
    await expect(runHistory(place)).rejects.toThrow(
      new RegExp(`${place.dataDir} is in use .*process ${process.pid}.*DATABASE_URL`),
    );
  }
  // The first has let go.
  await using _second = await runHistory(place);
});

test('a folder in which the holder cannot be written down is not locked', async () => {
  await using place = await openPlace();
  const inTheWay = join(place.dataDir, 'lock-holder');
  await mkdir(inTheWay);
  await expect(lockFolder(place.dataDir)).rejects.toThrow('EISDIR');
  await rmdir(inTheWay);
  (await lockFolder(place.dataDir)).release();
});
