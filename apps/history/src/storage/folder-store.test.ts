import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openFolderStore } from './folder-store.ts';
import type { ImageStore } from './image-store.ts';

let folder: string;
let store: ImageStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wan-image-store-'));
  store = await openFolderStore(folder);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function* chunks(...texts: string[]): AsyncIterable<Uint8Array> {
  for (const text of texts) yield new TextEncoder().encode(text);
}

async function textOf(sha256: string, range?: { start: number; end: number }): Promise<string | null> {
  const stream = await store.read(sha256, range);
  return stream && (await buffer(stream)).toString();
}

test('what is committed can be read, whole and in part', async () => {
  const staged = await store.stage(chunks('pix', 'els!'));
  expect(staged.sha256).toBe(createHash('sha256').update('pixels!').digest('hex'));
  expect(staged.bytes).toBe(7);
  expect(await staged.inspect((source) => Buffer.from(source.read(5, 100)).toString())).toBe('s!');
  expect(await textOf(staged.sha256)).toBeNull();
  await staged.commit();
  expect(await textOf(staged.sha256)).toBe('pixels!');
  expect(await textOf(staged.sha256, { start: 3, end: 5 })).toBe('els');
});

test('the same content is kept once', async () => {
  for (let i = 0; i < 2; i++) await (await store.stage(chunks('same'))).commit();
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  expect(files).toHaveLength(1);
});

test('what breaks on the way or is discarded leaves nothing behind', async () => {
  async function* broken(): AsyncIterable<Uint8Array> {
    yield new Uint8Array([1]);
    throw new Error('the connection broke');
  }
  await expect(store.stage(broken())).rejects.toThrow('the connection broke');
  await (await store.stage(chunks('x'))).discard();
  const unreadable = await store.stage(chunks('y'));
  const look = (): never => {
    throw new Error('the disk does not answer');
  };
  await expect(unreadable.inspect(look)).rejects.toThrow('the disk does not answer');
  expect(await readdir(join(folder, 'tmp'))).toEqual([]);
});
