import { expect, test } from 'vitest';
import { crash } from './crash/harness.ts';
import { POINTS } from './crash/points.ts';

const TIMES = 3;

const QUICK = POINTS.filter(({ quick }) => quick);

test(`SIGKILL ${TIMES} times at each of ${QUICK.length} points, on both databases: nothing is billed twice, lost or orphaned`, async () => {
  const { results } = await crash(QUICK, TIMES);
  for (const { kills, sweeps } of results) {
    expect(kills).toHaveLength(QUICK.length * TIMES);
    expect(sweeps.length).toBeGreaterThan(0);
  }
}, 900_000);
