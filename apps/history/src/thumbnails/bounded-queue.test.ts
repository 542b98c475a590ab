import { expect, test } from 'vitest';
import { BoundedQueue, QueueFullError } from './bounded-queue.ts';

/** Work that ends when it is told to. */
function task(): { readonly run: () => Promise<string>; readonly end: (value: string) => void; started: boolean } {
  const { promise, resolve } = Promise.withResolvers<string>();
  const made = {
    started: false,
    end: resolve,
    run: () => {
      made.started = true;
      return promise;
    },
  };
  return made;
}

test('works on so many at a time, in order, lets so many wait, and refuses the next', async () => {
  const queue = new BoundedQueue({ atOnce: 2, mostWaiting: 2 });
  const tasks = Array.from({ length: 4 }, task);
  const results = tasks.map(({ run }) => queue.run(run));
  await expect(queue.run(async () => 'never')).rejects.toThrow(QueueFullError);
  expect(tasks.map(({ started }) => started)).toEqual([true, true, false, false]);
  tasks[1]?.end('b');
  expect(await results[1]).toBe('b');
  await expect.poll(() => tasks.map(({ started }) => started)).toEqual([true, true, true, false]);
  const late = queue.run(async () => 'e');
  for (const [index, each] of tasks.entries()) each.end('abcd'.charAt(index));
  expect(await Promise.all([...results, late])).toEqual(['a', 'b', 'c', 'd', 'e']);
});

test('what fails gives its place on', async () => {
  const queue = new BoundedQueue({ atOnce: 1, mostWaiting: 1 });
  const failing = queue.run(() => Promise.reject(new Error('broken')));
  const next = queue.run(async () => 'next');
  await expect(failing).rejects.toThrow('broken');
  expect(await next).toBe('next');
  expect(await queue.run(async () => 'free')).toBe('free');
});
