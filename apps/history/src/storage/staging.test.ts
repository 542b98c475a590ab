import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { spill, stage } from './staging.ts';

const run = promisify(execFile);
const CHUNK = 700_000;

let small: string;
let large: string;
let canMount: boolean;
beforeEach(async () => {
  small = await mkdtemp(join(tmpdir(), 'wan-image-small-'));
  large = await mkdtemp(join(tmpdir(), 'wan-image-large-'));
  // A disk of 4 MB, if this user may mount one.
  canMount = await run('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', small]).then(
    () => true,
    () => false,
  );
});
afterEach(async () => {
  if (canMount) await run('umount', ['-l', small]);
  for (const folder of [small, large]) await rm(folder, { recursive: true, force: true });
});

function chunks(): Buffer[] {
  return Array.from({ length: 10 }, (_, index) => Buffer.alloc(CHUNK, index + 1));
}

async function* arriving(): AsyncIterable<Uint8Array> {
  yield* chunks();
}

const whole = Buffer.concat(chunks());
const sha256 = createHash('sha256').update(whole).digest('hex');

test('when a disk becomes full, its bytes are copied to the next', async ({ skip }) => {
  skip(!canMount, 'this user cannot mount a disk');
  const file = await spill(arriving(), [small, large]);
  expect([file.sha256, file.bytes]).toEqual([sha256, whole.length]);
  expect(file.pathIn(large)).not.toBeNull();
  expect(await readdir(small)).toEqual([]);
  expect(whole.equals(await file.toMemory())).toBe(true);
  expect(await readdir(large)).toEqual([]);
});

test('if all disks are full, the rest goes to memory', async ({ skip }) => {
  skip(!canMount, 'this user cannot mount a disk');
  const file = await spill(arriving(), [small, small]);
  expect(file.sha256).toBe(sha256);
  expect(whole.equals(await file.toMemory())).toBe(true);
  expect(await readdir(small)).toEqual([]);
});

test('bytes that can be downloaded again are rejected by a full disk, not held in memory', async ({ skip }) => {
  skip(!canMount, 'this user cannot mount a disk');
  await expect(stage(arriving(), small)).rejects.toThrow('ENOSPC');
  expect(await readdir(small)).toEqual([]);
});

test('if a folder is missing, the next one is used, and without one, memory or an error', async () => {
  const missing = join(large, 'missing');
  const onNext = await spill(arriving(), [missing, large]);
  expect(onNext.pathIn(large)).not.toBeNull();
  await onNext.discard();
  const file = await spill(arriving(), [missing]);
  expect(file.sha256).toBe(sha256);
  expect(whole.equals(await file.toMemory())).toBe(true);
  await expect(stage(arriving(), missing)).rejects.toThrow('ENOENT');
});

test('if a folder accepts no file, the bytes are not read', async () => {
  const state = { isRead: false };
  async function* bytes(): AsyncIterable<Uint8Array> {
    state.isRead = true;
    yield new Uint8Array(1);
  }
  await expect(stage(bytes(), join(large, 'missing'))).rejects.toThrow('ENOENT');
  expect(state.isRead).toBe(false);
});

test('a staged file can be read at any position, and moved when its folder is missing', async () => {
  const file = await stage(arriving(), large);
  expect([...(await file.read(CHUNK - 1, 2))]).toEqual([1, 2]);
  expect(await file.read(whole.length - 1, 100)).toHaveLength(1);
  expect(await file.read(whole.length + 1, 100)).toHaveLength(0);
  const other = await mkdtemp(join(tmpdir(), 'wan-image-other-'));
  await rm(large, { recursive: true });
  await file.moveTo(other);
  expect(await readdir(other)).toHaveLength(1);
  expect(whole.equals(await file.toMemory())).toBe(true);
  expect(await readdir(other)).toEqual([]);
  await rm(other, { recursive: true });
});

test('the first 4096 bytes of a staged file are read from memory', async () => {
  const file = await stage(arriving(), large);
  await file.release();
  expect(whole.subarray(10, 4096).equals(await file.read(10, 4086))).toBe(true);
  await expect(file.read(10, 4087)).rejects.toThrow();
  await file.discard();
});

test('a staged file that is released stays in its folder until it is discarded', async () => {
  const file = await stage(arriving(), large);
  await file.release();
  expect(await readdir(large)).toHaveLength(1);
  await file.discard();
  expect(await readdir(large)).toEqual([]);
});

test('bytes that end with an error leave no file behind', async () => {
  async function* broken(): AsyncIterable<Uint8Array> {
    yield new Uint8Array(10);
    throw new Error('the connection broke');
  }
  await expect(spill(broken(), [large])).rejects.toThrow('the connection broke');
  await expect(stage(broken(), large)).rejects.toThrow('the connection broke');
  expect(await readdir(large)).toEqual([]);
});
