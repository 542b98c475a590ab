import { expect, test } from 'vitest';
import { formatFor, readWidth } from './thumbnail-request.ts';

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

test.each([
  [undefined, null],
  ['1', 160],
  ['160', 160],
  ['161', 320],
  ['1281', 1280],
  ['99999', 1280],
])('?width=%s is the thumbnail of width %s', (value, expected) => {
  expect(readWidth(value)).toBe(expected);
});

test.each(['0', '-1', '1.5', '100000', '', 'wide', ['320', '640']])('?width=%j is refused', (value) => {
  expect(() => readWidth(value)).toThrow('width must be a single whole number of pixels from 1 to 99999.');
});
