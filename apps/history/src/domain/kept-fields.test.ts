import { expect, test } from 'vitest';
import { keptFields, MAX_KEPT_BYTES } from './kept-fields.ts';

test('what fits is kept as it is', () => {
  const fields = { palette: [{ hex: '#fff' }], deep: { a: null, b: [true, 1.5] }, text: '花'.repeat(20_000) };
  expect(keptFields(fields)).toEqual({ kept: fields, cut: null });
});

test('each field that fits into what is left is kept whole, and the others are named', () => {
  const big = 'x'.repeat(40_000);
  const { kept, cut } = keptFields({ first: big, second: big, third: '花'.repeat(9000), last: 7 });
  expect([kept, cut]).toEqual([{ first: big, last: 7 }, ['second', 'third']]);
});

test.each<[string, Record<string, unknown>]>([
  ['long texts', { a: 'x'.repeat(MAX_KEPT_BYTES) }],
  ['texts of characters that are escaped', { a: '\u0001'.repeat(MAX_KEPT_BYTES / 6) }],
  ['texts of several bytes a character', { a: '花'.repeat(MAX_KEPT_BYTES / 3) }],
  ['long lists', { a: Array.from({ length: 40_000 }, () => 1) }],
  ['many keys', { a: Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`key ${index}`, null])) }],
  ['long names', { ['n'.repeat(MAX_KEPT_BYTES)]: 1 }],
  ['lists in lists', { a: [[['x'.repeat(30_000)], ['x'.repeat(30_000)]], [['x'.repeat(30_000)]]] }],
])('%s beyond 64 KiB are cut', (_name, fields) => {
  const { kept, cut } = keptFields({ before: 1, ...fields, after: 2 });
  expect(kept).toEqual({ before: 1, after: 2 });
  expect(cut).toHaveLength(1);
});

test('the JSON of what is kept has at most 64 KiB, whatever it is', () => {
  for (const length of [10, 100, 1000, 10_000]) {
    const fields = Object.fromEntries(
      Array.from({ length: 1000 }, (_, index) => [`${index} "花"`, { text: '\n'.repeat(length), list: [1.25, false] }]),
    );
    const { kept, cut } = keptFields(fields);
    const bytes = Buffer.byteLength(JSON.stringify(kept));
    expect(bytes).toBeLessThanOrEqual(MAX_KEPT_BYTES);
    expect(cut === null).toBe(Object.keys(kept).length === 1000);
  }
});

test('the names of what is cut are bounded too', () => {
  const fields = Object.fromEntries(
    Array.from({ length: 500 }, (_, index) => [`${index} ${'𠀀'.repeat(500)}`, 'x'.repeat(MAX_KEPT_BYTES)]),
  );
  const { cut } = keptFields(fields);
  expect(cut).toHaveLength(21);
  expect(cut?.at(-1)).toBe('… and 480 more');
  for (const name of cut ?? []) {
    expect(name).toMatch(/^.{1,61}$/su);
    expect(name.isWellFormed()).toBe(true);
  }
});
