import { expect, test } from 'vitest';
import { requestedPart } from './image-headers.ts';

test.each([
  ['GET', {}, { start: 0, end: 4 }],
  ['GET', { 'if-range': '"a"' }, { start: 0, end: 4 }],
  ['GET', { 'if-range': '"b"' }, 'whole'],
  // A weak validator does not guarantee that the bytes are the same.
  ['GET', { 'if-range': 'W/"a"' }, 'whole'],
  ['GET', { 'if-range': 'Fri, 01 Jan 2100 00:00:00 GMT' }, 'whole'],
  ['HEAD', {}, 'whole'],
])('the first five bytes of "a", requested by %s with %j, are %j', (method, headers, expected) => {
  expect(requestedPart({ method, headers: { range: 'bytes=0-4', ...headers } }, '"a"', 10)).toEqual(expected);
});
