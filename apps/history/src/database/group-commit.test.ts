import { QueryFailedError } from 'typeorm';
import { expect, test } from 'vitest';
import { GroupCommit } from './group-commit.ts';

/** A database that takes as long as the test wants, and keeps what it was asked. */
function heldDatabase(failure: (items: readonly number[]) => Error | null = () => null) {
  const groups: (readonly number[])[] = [];
  const held: (() => void)[] = [];
  const commit = new GroupCommit<number, string>(async (items) => {
    groups.push(items);
    await new Promise<void>((resolve) => held.push(resolve));
    const error = failure(items);
    if (error) throw error;
    return items.map((item) => `took ${item}`);
  });
  const release = async (): Promise<void> => {
    while (held.length > 0) {
      for (const resolve of held.splice(0)) resolve();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { commit, groups, release };
}

function refusal(): Error {
  return new QueryFailedError('insert', [], Object.assign(new Error('out of range'), { code: '22003' }));
}

test('what comes alone goes at once, and what comes while two are under way goes together', async () => {
  const { commit, groups, release } = heldDatabase();
  const outcomes = Promise.all([1, 2, 3, 4, 5].map((item) => commit.add(item)));
  expect(groups).toEqual([[1], [2]]);
  await release();
  expect(groups).toEqual([[1], [2], [3, 4, 5]]);
  expect(await outcomes).toEqual([1, 2, 3, 4, 5].map((item) => `took ${item}`));
});

test('what the database refuses goes one by one, and only what is wrong fails', async () => {
  const { commit, groups, release } = heldDatabase((items) => (items.includes(4) ? refusal() : null));
  const outcomes = Promise.allSettled([1, 2, 3, 4, 5].map((item) => commit.add(item)));
  await release();
  expect(groups).toEqual([[1], [2], [3, 4, 5], [3], [4], [5]]);
  expect((await outcomes).map(({ status }) => status)).toEqual([
    'fulfilled',
    'fulfilled',
    'fulfilled',
    'rejected',
    'fulfilled',
  ]);
});

test.each([
  ['falls silent', new Error('Query read timeout')],
  ['is lost behind a pooler', Object.assign(new Error('server conn crashed'), { code: '08P01', severity: 'FATAL' })],
  ['is shut down', Object.assign(new Error('terminating connection'), { code: '57P01', severity: 'FATAL' })],
  ['does not know itself', Object.assign(new Error('completion unknown'), { code: '40003', severity: 'ERROR' })],
])('where the database %s all fail, and nothing is written again: it may have been committed', async (_how, cause) => {
  const { commit, groups, release } = heldDatabase((items) =>
    items.length > 1 ? new QueryFailedError('insert', ['what another asked for'], cause) : null,
  );
  const outcomes = Promise.allSettled([1, 2, 3, 4].map((item) => commit.add(item)));
  await release();
  expect(groups).toEqual([[1], [2], [3, 4]]);
  expect(await outcomes).toMatchObject([
    { status: 'fulfilled' },
    { status: 'fulfilled' },
    { status: 'rejected', reason: cause },
    { status: 'rejected', reason: cause },
  ]);
  const next = commit.add(6);
  await release();
  expect(await next).toBe('took 6');
});
