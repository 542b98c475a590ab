import { expect, test } from 'vitest';
import { allOf, oneOf, parseSearchParams, stringifySearchParams } from './search-params.ts';

test('a query survives being read and written', () => {
  const query = '?q=%E7%8C%AB+%26+dog&state=failed&state=queued&seed=7';
  expect(parseSearchParams(query)).toEqual({ q: '猫 & dog', state: ['failed', 'queued'], seed: '7' });
  expect(stringifySearchParams(parseSearchParams(query))).toBe(query);
});

test('an object is written as the API writes it', () => {
  expect(stringifySearchParams({ metadata: { order: '4711', a: 'b' } })).toBe(
    '?metadata%5Border%5D=4711&metadata%5Ba%5D=b',
  );
});

test('what is undefined is absent', () => {
  expect(stringifySearchParams({ q: undefined, favorite: true, tag: [] })).toBe('?favorite=true');
  expect(stringifySearchParams({})).toBe('');
});

test('a parameter is one text or several', () => {
  expect([oneOf('a'), oneOf(['a', 'b']), oneOf(''), oneOf(undefined)]).toEqual(['a', 'a', undefined, undefined]);
  expect([allOf('a'), allOf(['a', 'b']), allOf('')]).toEqual([['a'], ['a', 'b'], undefined]);
});
