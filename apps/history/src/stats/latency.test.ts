import { expect, test } from 'vitest';
import { bucketsOf, quantilesOf } from './latency.ts';

/** What `packedLatencySql` adds up, in PostgreSQL's binary format. */
function packed(counts: Readonly<Record<number, number>>): Uint8Array {
  let sum = 0n;
  for (const [bucket, count] of Object.entries(counts)) sum += BigInt(count) * 10n ** (12n * BigInt(bucket));
  const absolute = sum < 0n ? -sum : sum;
  const digits: number[] = [];
  for (let rest = absolute; rest > 0n; rest /= 10_000n) digits.unshift(Number(rest % 10_000n));
  const highest = digits.length - 1;
  while (digits.at(-1) === 0) digits.pop();
  const words = [digits.length, Math.max(0, highest), sum < 0n ? 0x4000 : 0, 0, ...digits];
  return Uint8Array.from(words.flatMap((word) => [word >> 8, word & 255]));
}

test.each([
  {},
  { 0: 1 },
  { 0: 999_999_999, 1: 1 },
  { 97: 3, 98: 120, 115: 10 },
  { 3: 499_999_999_999, 4: 7 },
  { 20: 10, 40: 100_000, 277: 1 },
])('the counts of buckets are read from the number that they add up to: %j', (counts) => {
  expect(Object.fromEntries(bucketsOf(packed(counts)))).toEqual(counts);
});

test.each([
  { 5: -1 },
  { 5: -1, 6: 1 },
  { 5: 4, 6: -2 },
  { 4: -3, 5: -499_999_999_999, 9: -1 },
  { 0: -1, 1: 1, 2: -1, 40: 12 },
])('a bucket from which something is removed before it was added takes nothing from the next one: %j', (counts) => {
  expect(Object.fromEntries(bucketsOf(packed(counts)))).toEqual(counts);
});

test('quantiles are the middles of their buckets, without those that are below zero', () => {
  const buckets = bucketsOf(packed({ 10: 50, 20: 45, 30: 5 }));
  expect(quantilesOf(buckets, [0.5, 0.95, 0.96])).toEqual([10.5, 20.5, 30.5].map((at) => Math.round(1.1 ** at)));
  expect(quantilesOf(bucketsOf(packed({ 10: 1 })), [0.5, 0.95])).toEqual([3, 3]);
  expect(quantilesOf(bucketsOf(packed({})), [0.5])).toEqual([]);
  expect(quantilesOf(bucketsOf(packed({ 10: -1 })), [0.5])).toEqual([]);
});
