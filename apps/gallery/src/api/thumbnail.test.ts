import { expect, test } from 'vitest';
import { localUrl, thumbnailUrl } from './thumbnail.ts';

const URL_OF_RECORD = 'https://images.example/images/01a-0?key=own&signature=abc';

test('an image is read from the host that served the page', () => {
  expect(localUrl(URL_OF_RECORD)).toBe('/images/01a-0?key=own&signature=abc');
  expect(thumbnailUrl(URL_OF_RECORD, 320)).toBe('/images/01a-0?key=own&signature=abc&width=320&fallback=original');
});

test('what is in the bin is read without the signature, which shows it to nobody', () => {
  expect(localUrl(URL_OF_RECORD, true)).toBe('/images/01a-0');
  expect(thumbnailUrl(URL_OF_RECORD, 640, true)).toBe('/images/01a-0?width=640&fallback=original');
});
