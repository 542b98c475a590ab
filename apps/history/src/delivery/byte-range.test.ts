import { expect, test } from 'vitest';
import { readRange } from './byte-range.ts';

test.each<[string | undefined, ReturnType<typeof readRange>]>([
  [undefined, 'whole'],
  ['bytes=0-4', { start: 0, end: 4 }],
  ['bytes=4-', { start: 4, end: 9 }],
  ['bytes=-3', { start: 7, end: 9 }],
  ['bytes=-99', { start: 0, end: 9 }],
  ['bytes=5-99', { start: 5, end: 9 }],
  ['bytes=10-', 'unsatisfiable'],
  ['bytes=-0', 'unsatisfiable'],
  ['bytes=5-4', 'whole'],
  ['bytes=0-1,3-4', 'whole'],
  ['bytes=0-1,20-', { start: 0, end: 1 }],
  ['bytes=10-,20-', 'unsatisfiable'],
  ['bytes=0-1,x', 'whole'],
  ['bytes=', 'whole'],
  ['bytes', 'whole'],
  ['Bytes=0-4', { start: 0, end: 4 }],
  ['bytes=99999999999999999999-', 'unsatisfiable'],
  ['bytes=-', 'whole'],
  ['pages=1-2', 'whole'],
])('of ten bytes, the range %s is %j', (header, expected) => {
  expect(readRange(header, 10)).toEqual(expected);
});

test.each<[string, ReturnType<typeof readRange>]>([
  ['bytes=0-', 'unsatisfiable'],
  ['bytes=-1', 'whole'],
])('of no bytes, the range %s is %j', (header, expected) => {
  expect(readRange(header, 0)).toEqual(expected);
});
