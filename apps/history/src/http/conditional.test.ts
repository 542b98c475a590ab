import { expect, test } from 'vitest';
import { isUnchanged } from './conditional.ts';

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
