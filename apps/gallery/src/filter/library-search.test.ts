import { expect, test } from 'vitest';
import { parseSearchParams, stringifySearchParams } from '../page/search-params.ts';
import { isFiltered, readLibrarySearch } from './library-search.ts';

test('a URL of the library has the names of the API', () => {
  const search = readLibrarySearch(
    parseSearchParams(
      '?q=猫&state=failed&state=queued&favorite=true&has_input_image=false&seed=7&tag=a&size=2K&metadata[order]=4711',
    ),
  );
  expect(search).toEqual({
    q: '猫',
    state: ['failed', 'queued'],
    favorite: true,
    has_input_image: false,
    seed: 7,
    tag: ['a'],
    size: ['2K'],
    metadata: { order: '4711' },
  });
  expect(readLibrarySearch(parseSearchParams(stringifySearchParams({ ...search })))).toEqual(search);
});

test('what was read before is read as the same', () => {
  const search = { q: '猫', state: ['failed'], favorite: true, seed: 7, metadata: { order: '4711' } };
  expect(readLibrarySearch(search as never)).toEqual(search);
});

test('what is no valid filter is dropped, and the rest stays', () => {
  expect(readLibrarySearch(parseSearchParams('?q=cat&state=nonsense&seed=-1&utm_source=mail&tag=a'))).toEqual({
    q: 'cat',
    tag: ['a'],
  });
  expect(readLibrarySearch({ favorite: 'no' })).toEqual({});
});

test('the library without a filter shows everything', () => {
  expect([isFiltered({}), isFiltered({ deleted: true })]).toEqual([false, true]);
});
