import { pino } from 'pino';
import { expect, test } from 'vitest';
import { PeriodicTasks } from './periodic-tasks.ts';

const INTERVAL_MS = 5;

const newTasks = (longestIntervalMs?: number): PeriodicTasks =>
  new PeriodicTasks(pino({ level: 'silent' }), longestIntervalMs);

test('a slow task holds up no other, does not run twice at once, and ends before the stop does', async () => {
  const slow = Promise.withResolvers<void>();
  const count = { quick: 0, slow: 0 };
  const tasks = newTasks();
  tasks.register('quick', INTERVAL_MS, async () => void count.quick++);
  tasks.register('slow', INTERVAL_MS, () => (count.slow++, slow.promise));
  tasks.start();
  await expect.poll(() => count.quick).toBeGreaterThan(3);
  expect(count.slow).toBe(1);
  let stopped = false;
  const stopping = tasks.stop().then(() => (stopped = true));
  const before = count.quick;
  await new Promise((resolve) => setImmediate(resolve));
  expect(stopped).toBe(false);
  slow.resolve();
  await stopping;
  expect(count.quick).toBe(before);
});

test('a task that fails is tried again', async () => {
  let tries = 0;
  const tasks = newTasks();
  tasks.register('months', INTERVAL_MS, () => (tries++, Promise.reject(new Error('the database is away'))));
  tasks.start();
  await expect.poll(() => tries).toBeGreaterThan(2);
  await tasks.stop();
});

test('no task waits longer than the longest interval', async () => {
  let runs = 0;
  const tasks = newTasks(INTERVAL_MS);
  tasks.register('daily', 24 * 60 * 60 * 1000, async () => void runs++);
  tasks.start();
  await expect.poll(() => runs).toBeGreaterThan(1);
  await tasks.stop();
});
