import { createHash } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import { excerptOf, partsOf, rangesOf } from './highlighted.tsx';
import { hashOf } from './hash-file.ts';
import { searchProblem } from './search-problem.ts';
import { Sha256 } from './sha256.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const bytesOf = (length: number): Uint8Array<ArrayBuffer> => Uint8Array.from({ length }, (_, at) => (at * 7919) % 251);

test('the hash is that of the same bytes, whatever their chunks', () => {
  for (const length of [0, 1, 55, 56, 57, 63, 64, 65, 119, 120, 1000]) {
    const bytes = bytesOf(length);
    for (const chunk of [1, 13, 64, 1000]) {
      const hash = new Sha256();
      for (let at = 0; at < length; at += chunk) hash.update(bytes.subarray(at, at + chunk));
      expect(hash.digest(), `${length} bytes by ${chunk}`).toBe(sha256(bytes));
    }
  }
});

test('a file has the same hash on a page without a secure context', async () => {
  const bytes = bytesOf(100_000);
  const file = new File([bytes], 'a.png');
  const withSubtle = await hashOf(file);
  vi.stubGlobal('crypto', {});
  try {
    expect([withSubtle, await hashOf(file)]).toEqual([sha256(bytes), sha256(bytes)]);
  } finally {
    vi.unstubAllGlobals();
  }
});

test('matches are marked in UTF-16 units, and no character is lost', () => {
  const text = '😀花店 <b>fox</b>';
  const parts = partsOf(text, [
    [2, 3],
    [8, 11],
  ]);
  expect(parts.filter(({ isMatch }) => isMatch).map(({ part }) => part)).toEqual(['花', 'fox']);
  expect(parts.map(({ part }) => part).join('')).toBe(text);
});

test.each([
  ['beyond the end', [[3, 99]]],
  ['backwards', [[3, 1]]],
  [
    'overlapping',
    [
      [0, 3],
      [1, 2],
    ],
  ],
] as [string, [number, number][]][])('ranges that are %s lose no text', (_name, ranges) => {
  const parts = partsOf('abcdef', ranges);
  expect(parts.map(({ part }) => part).join('')).toBe('abcdef');
});

test('an excerpt shows the first match, and its marks move along', () => {
  const text = `${'x'.repeat(1000)}花店${'y'.repeat(1000)}`;
  const excerpt = excerptOf(text, [[1000, 1002]], 200);
  const [[start, end] = [0, 0]] = excerpt.ranges;
  expect(excerpt.text.slice(start, end)).toBe('花店');
  expect(excerpt.text.length).toBeLessThan(210);
  expect(excerptOf('short', [[0, 5]], 200)).toEqual({ text: 'short', ranges: [[0, 5]] });
});

test('an excerpt cuts no emoji in two', () => {
  for (let before = 150; before < 156; before++) {
    const { text } = excerptOf(`${'😀'.repeat(before)}花${'😀'.repeat(100)}`, [[before * 2, before * 2 + 1]], 121);
    expect(text.isWellFormed()).toBe(true);
  }
});

test('the ranges of a text are those of its field and index', () => {
  const matches = [
    { field: 'prompt', index: null, ranges: [[0, 1]] },
    { field: 'tag', index: 1, ranges: [[2, 3]] },
  ] as Parameters<typeof rangesOf>[0];
  expect([
    rangesOf(matches, 'prompt'),
    rangesOf(matches, 'tag', 1),
    rangesOf(matches, 'tag', 0),
    rangesOf(undefined, 'note'),
  ]).toEqual([[[0, 1]], [[2, 3]], [], []]);
});

test('a search is refused for what the service would refuse', () => {
  expect(searchProblem('花')).toBe(null);
  expect(searchProblem('字'.repeat(200))).toBe(null);
  expect(searchProblem('字'.repeat(201))).toEqual({ text: 'tooLong', limit: 200 });
  expect(searchProblem('a b c d e f g h i j')).toBe(null);
  expect(searchProblem('a b c d e f g h i j k')).toEqual({ text: 'tooManyWords', limit: 10 });
  expect(searchProblem('a\u0000')).toEqual({ text: 'unreadable', limit: 0 });
});
