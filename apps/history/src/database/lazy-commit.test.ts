import { expect, test } from 'vitest';
import { currentContext, withNewContext } from '../telemetry/context.ts';
import { LazyCommit } from './lazy-commit.ts';

/** Records its batches, and fails those that contain `bad`. */
function openLazy() {
  const batches: (readonly string[])[] = [];
  const lazy = new LazyCommit<string>(async (items) => {
    batches.push(items);
    if (items.includes('bad')) throw new Error('refused');
  });
  return { batches, lazy };
}

test('what comes within a moment is written together, and what comes later by itself', async () => {
  const { batches, lazy } = openLazy();
  await Promise.all(['a', 'b', 'c'].map((item) => lazy.add(item)));
  await lazy.add('d');
  expect(batches).toEqual([['a', 'b', 'c'], ['d']]);
});

test('a flush writes at once what waits, once', async () => {
  const { batches, lazy } = openLazy();
  const writing = lazy.add('a');
  lazy.flush();
  lazy.flush();
  expect(batches).toEqual([['a']]);
  await writing;
  await lazy.add('b');
  expect(batches).toEqual([['a'], ['b']]);
});

test('a full batch does not wait', async () => {
  const { batches, lazy } = openLazy();
  for (let i = 0; i < 501; i++) void lazy.add(String(i));
  expect(batches.map(({ length }) => length)).toEqual([500]);
  lazy.flush();
  expect(batches.map(({ length }) => length)).toEqual([500, 1]);
});

test('the items of a batch that fails reject, and the next batch is written', async () => {
  const { batches, lazy } = openLazy();
  const results = await Promise.allSettled(['a', 'bad'].map((item) => lazy.add(item)));
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await lazy.add('b');
  expect(batches).toEqual([['a', 'bad'], ['b']]);
});

test('a batch does not belong to the request that began it', async () => {
  const seen: unknown[] = [];
  const lazy = new LazyCommit<string>(async () => void seen.push(currentContext()));
  await withNewContext({ requestId: 'r1' }, () => lazy.add('a'));
  await withNewContext({ requestId: 'r2' }, () => {
    const writing = lazy.add('b');
    lazy.flush();
    return writing;
  });
  expect(seen).toEqual([{}, {}]);
});
