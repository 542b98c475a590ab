import { expect, test } from 'vitest';
import { connectionCeiling } from './descriptor-limit.ts';

test.each([
  [300, 59],
  [1024, 240],
  [65_536, 10_000],
  [10, 8],
  [null, 10_000],
])('within %j open files, %i connections can each have a generation in flight', (descriptors, connections) => {
  expect(connectionCeiling(descriptors)).toBe(connections);
});
