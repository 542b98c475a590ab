import { expect, test } from 'vitest';
import { BoundedQueue, QueueFullError } from './bounded-queue.ts';

/** A task that ends when the test ends it. */
function task(): { readonly run: () => Promise<string>; readonly end: (value: string) => void; started: boolean } {
  const { promise, resolve } = Promise.withResolvers<string>();
  const work = {
    started: false,
    end: resolve,
    run: () => {
      work.started = true;
      return promise;
    },
  };
  return work;
}

test('runs tasks in order up to its concurrency, queues as many as allowed, and rejects the next', async () => {
  const queue = new BoundedQueue({ concurrency: 2, maxWaiting: 2 });
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

test('a task that fails releases its slot for the next', async () => {
  const queue = new BoundedQueue({ concurrency: 1, maxWaiting: 1 });
  const failing = queue.run(() => Promise.reject(new Error('broken')));
  const next = queue.run(async () => 'next');
  await expect(failing).rejects.toThrow('broken');
  expect(await next).toBe('next');
  expect(await queue.run(async () => 'free')).toBe('free');
});

test('a queue that allows no waiting tasks still runs up to its concurrency', async () => {
  const queue = new BoundedQueue({ concurrency: 1, maxWaiting: 0 });
  const running = queue.run(async () => 'runs');
  await expect(queue.run(async () => 'never')).rejects.toThrow(QueueFullError);
  expect(await running).toBe('runs');
});
