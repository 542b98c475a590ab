import { mkdtemp, readdir, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { openFolderStore } from '../storage/folder-store.ts';
import { openSpool } from '../storage/spool.ts';
import { ImageFilesService } from './image-files.service.ts';

test('a file that the disk does not return completely leaves no file behind', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wan-image-images-'));
  const store = await openFolderStore(folder);
  const images = new ImageFilesService(store, await openSpool(folder), null, pino({ level: 'silent' }));
  async function* cut(): AsyncIterable<Uint8Array> {
    yield Buffer.from('not an image, so it is read back');
    for (const name of await readdir(store.staging)) await truncate(join(store.staging, name), 3);
  }
  await expect(images.receive('id', cut())).rejects.toThrow('shorter than what was written');
  expect(await readdir(store.staging)).toEqual([]);
  await rm(folder, { recursive: true });
});
