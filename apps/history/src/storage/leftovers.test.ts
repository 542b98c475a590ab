import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { clearLeftovers } from './leftovers.ts';

const HOUR_MS = 3_600_000;

test('incomplete files from a crash are removed, but not those that another replica is writing', async () => {
  const staging = await mkdtemp(join(tmpdir(), 'wan-image-leftovers-'));
  await writeFile(join(staging, 'left'), 'half');
  await writeFile(join(staging, 'busy'), 'half');
  const seconds = (Date.now() - 100 * HOUR_MS) / 1000;
  await utimes(join(staging, 'left'), seconds, seconds);
  expect(await clearLeftovers(staging, Date.now() - HOUR_MS)).toBe(1);
  expect(await readdir(staging)).toEqual(['busy']);
  await rm(staging, { recursive: true });
});
