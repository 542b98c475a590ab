import { expect, test } from 'vitest';
import { formatFor } from './thumbnail-format.ts';

test.each([
  [undefined, 'jpeg'],
  ['', 'jpeg'],
  ['*/*', 'jpeg'],
  ['image/*', 'jpeg'],
  ['image/webp', 'webp'],
  ['IMAGE/WEBP', 'webp'],
  ['image/avif,image/webp,image/apng,*/*;q=0.8', 'webp'],
  ['image/jpeg, image/webp;q=0.001', 'webp'],
  ['image/webp;q=0', 'jpeg'],
  ['image/webp;q=0.000,*/*', 'jpeg'],
  ['image/webpx', 'jpeg'],
])('a client that accepts "%s" gets %s', (accept, expected) => {
  expect(formatFor(accept)).toBe(expected);
});
