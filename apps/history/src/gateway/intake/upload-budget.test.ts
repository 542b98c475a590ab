import { expect, test } from 'vitest';
import { UploadBudget } from './upload-budget.ts';

const FREE = 64 * 1024;
const refused = (work: () => void): unknown => {
  try {
    work();
    return null;
  } catch (error) {
    return error;
  }
};
const BUSY = { status: 503, code: 'too_many_uploads', headers: { 'retry-after': '5' } };

test('bodies count by what has arrived, until they end', () => {
  const budget = new UploadBudget(1000);
  const first = budget.begin(null);
  first.received(FREE + 600);
  first.received(400);
  using second = budget.begin(null);
  expect(refused(() => second.received(FREE))).toBeNull();
  expect(refused(() => second.received(1))).toMatchObject(BUSY);
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  expect(refused(() => second.received(999))).toBeNull();
  expect(refused(() => second.received(1))).toMatchObject(BUSY);
});

test('a client with several uploads has half of the budget, with one all of it', () => {
  const budget = new UploadBudget(1000);
  const one = budget.begin('a');
  one.received(FREE + 400);
  const two = budget.begin('a');
  two.received(FREE + 100);
  expect(refused(() => two.received(1))).toMatchObject({ ...BUSY, message: expect.stringContaining('your API key') });
  using other = budget.begin('b');
  expect(refused(() => other.received(FREE + 500))).toBeNull();
  other[Symbol.dispose]();
  two[Symbol.dispose]();
  expect(refused(() => one.received(600))).toBeNull();
  one[Symbol.dispose]();
  using again = budget.begin('a');
  expect(refused(() => again.received(FREE + 1000))).toBeNull();
});
