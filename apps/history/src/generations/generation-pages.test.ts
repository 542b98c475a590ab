import { expect, test } from 'vitest';
import { MAX_PAGE_BYTES, pageOf, type SizedRow } from './generation-pages.repository.ts';

const MIB = 1024 * 1024;
const rows = (...sizes: number[]): SizedRow[] => sizes.map((bytes, index) => ({ id: String(index), bytes }));

test('small records are read together', () => {
  expect(pageOf(rows(10, 20, 30), 3)).toEqual({ batches: [['0', '1', '2']], lastId: '2', hasMore: false });
  expect(pageOf([], 3)).toEqual({ batches: [], lastId: null, hasMore: false });
});

test('one row more than the limit says that there are more', () => {
  expect(pageOf(rows(10, 20, 30), 2)).toEqual({ batches: [['0', '1']], lastId: '1', hasMore: true });
});

test('large records are read in batches of a mebibyte; one that is larger has a batch of its own', () => {
  const { batches, hasMore } = pageOf(rows(0.4 * MIB, 0.4 * MIB, 0.4 * MIB, 3 * MIB, 10), 10);
  expect([batches, hasMore]).toEqual([[['0', '1'], ['2'], ['3'], ['4']], false]);
});

test('a page ends before the record that makes it larger than 8 MiB', () => {
  expect(pageOf(rows(3 * MIB, 3 * MIB, 2 * MIB + 1), 10)).toMatchObject({ lastId: '1', hasMore: true });
  expect(pageOf(rows(3 * MIB, 3 * MIB, 2 * MIB), 10)).toMatchObject({ lastId: '2', hasMore: false });
});

test('a record that is larger than a page is a page', () => {
  expect(pageOf(rows(MAX_PAGE_BYTES + 1, 10), 10)).toEqual({ batches: [['0']], lastId: '0', hasMore: true });
  expect(pageOf(rows(MAX_PAGE_BYTES + 1), 10)).toEqual({ batches: [['0']], lastId: '0', hasMore: false });
});
