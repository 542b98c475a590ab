import { expect, test } from 'vitest';
import { crash } from './crash/harness.ts';
import { POINTS } from './crash/points.ts';

const TIMES = 3;

const QUICK = POINTS.filter(({ quick }) => quick);

test(`killed ${TIMES} times at each of ${QUICK.length} points, on both databases: nothing billed twice, lost or left over`, async () => {
  const { results, sent, calls } = await crash(QUICK, TIMES);
  for (const { kills, sweeps } of results) {
    expect(kills).toHaveLength(QUICK.length * TIMES);
    expect(sweeps.length).toBeGreaterThan(0);
  }
  expect(calls).toBeLessThanOrEqual(sent);
}, 300_000);
