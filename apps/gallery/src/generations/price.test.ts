import { expect, test } from 'vitest';
import { priceOf } from './price.ts';

const service = {
  simulated: false,
  prices: { 'wan2.7-image': '0.2', 'wan2.7-image-pro': '0.000001' },
  currency: 'CNY',
};

test('the price of a request is exact', () => {
  expect(priceOf(service, 'wan2.7-image', 3)).toEqual({ kind: 'amount', amount: 0.6, currency: 'CNY' });
  expect(priceOf(service, 'wan2.7-image-pro', 12)).toMatchObject({ amount: 0.000012 });
});

test('without a price nothing is claimed to be free, and what is simulated is', () => {
  expect(priceOf({ ...service, prices: {} }, 'wan2.7-image', 3)).toEqual({ kind: 'unset' });
  expect(priceOf({ ...service, simulated: true }, 'wan2.7-image', 3)).toEqual({ kind: 'simulated' });
});
