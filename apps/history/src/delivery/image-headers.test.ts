import { expect, test } from 'vitest';
import { isUnchanged, requestedPart } from './image-headers.ts';

test.each([
  ['"a"', true],
  ['W/"a"', true],
  ['"b", "a"', true],
  ['"b",W/"a"', true],
  ['*', true],
  ['"b"', false],
  ['a', false],
  ['', false],
])('a client that sends %s has "a": %s', (ifNoneMatch, expected) => {
  expect(isUnchanged({ 'if-none-match': ifNoneMatch }, '"a"')).toBe(expected);
});

test('a client that sends no ETag does not have it', () => {
  expect(isUnchanged({}, '"a"')).toBe(false);
  expect(isUnchanged({ 'if-modified-since': 'Fri, 01 Jan 2100 00:00:00 GMT' }, '"a"')).toBe(false);
});

test('a client that sends the ETag in a request made by `fetch` has it', () => {
  expect(isUnchanged({ 'if-none-match': '"a"', 'cache-control': 'no-cache', pragma: 'no-cache' }, '"a"')).toBe(true);
});

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
