import { expect, test } from 'vitest';
import { amountOf, millionthsOf } from '../domain/money.ts';
import { periodEnd, periodStart } from './period.ts';

test.each([
  ['0', 0, '0.00'],
  ['0.2', 200_000, '0.20'],
  ['12.50', 12_500_000, '12.50'],
  ['0.000001', 1, '0.000001'],
  ['1.2345', 1_234_500, '1.2345'],
  ['999999999.999999', 999_999_999_999_999, '999999999.999999'],
])('%s is %d millionths, written %s', (text, millionths, written) => {
  expect([millionthsOf(text), amountOf(millionths)]).toEqual([millionths, written]);
});

test.each([
  ['day', '2026-12-31T23:59:59.999Z', '2026-12-31T00:00:00.000Z', '2027-01-01T00:00:00.000Z'],
  ['day', '2028-02-28T00:00:00.000Z', '2028-02-28T00:00:00.000Z', '2028-02-29T00:00:00.000Z'],
  ['month', '2026-12-31T23:59:59.999Z', '2026-12-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z'],
  ['total', '2026-12-31T23:59:59.999Z', '1970-01-01T00:00:00.000Z', undefined],
] as const)('the %s of %s', (period, now, start, end) => {
  expect(periodStart(period, new Date(now)).toISOString()).toBe(start);
  expect(periodEnd(period, new Date(now))?.toISOString()).toBe(end);
});
