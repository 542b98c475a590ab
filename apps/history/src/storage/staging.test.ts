import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { land } from './staging.ts';

const run = promisify(execFile);
const CHUNK = 700_000;

let small: string;
let large: string;
let canMount: boolean;
beforeEach(async () => {
  small = await mkdtemp(join(tmpdir(), 'wan-image-small-'));
  large = await mkdtemp(join(tmpdir(), 'wan-image-large-'));
  // A disk of 4 MB, where this user may mount one.
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

test('a disk that is full in the middle hands on what it had to the next', async ({ skip }) => {
  skip(!canMount, 'no disk can be mounted here');
  const landed = await land(arriving(), [small, large]);
  expect([landed.sha256, landed.bytes]).toEqual([sha256, whole.length]);
  expect(landed.fileIn(large)).not.toBeNull();
  expect(await readdir(small)).toEqual([]);
  expect(whole.equals(await landed.toMemory())).toBe(true);
  expect(await readdir(large)).toEqual([]);
});

test('where all disks are full, memory takes the rest', async ({ skip }) => {
  skip(!canMount, 'no disk can be mounted here');
  const landed = await land(arriving(), [small, small]);
  expect(landed.sha256).toBe(sha256);
  expect(whole.equals(await landed.toMemory())).toBe(true);
  expect(await readdir(small)).toEqual([]);
});

test('bytes that break off leave nothing behind', async () => {
  async function* broken(): AsyncIterable<Uint8Array> {
    yield new Uint8Array(10);
    throw new Error('the connection broke');
  }
  await expect(land(broken(), [large])).rejects.toThrow('the connection broke');
  expect(await readdir(large)).toEqual([]);
});
