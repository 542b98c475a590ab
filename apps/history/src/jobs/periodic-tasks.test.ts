import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createUpkeep, type Duties } from './periodic-tasks.ts';

const quiet = pino({ level: 'silent' });
const upkeepOf = (duties: Duties): ReturnType<typeof createUpkeep> => createUpkeep(duties, quiet, 5);

test('a duty that takes long holds up no other, is not begun twice, and ends before the stop does', async () => {
  const slow = Promise.withResolvers<void>();
  const count = { endings: 0, images: 0 };
  const upkeep = upkeepOf({
    endings: async () => void count.endings++,
    images: () => (count.images++, slow.promise),
  });
  upkeep.start();
  await expect.poll(() => count.endings).toBeGreaterThan(3);
  expect(count.images).toBe(1);
  let stopped = false;
  const stopping = upkeep.stop().then(() => (stopped = true));
  const endings = count.endings;
  await new Promise((resolve) => setImmediate(resolve));
  expect(stopped).toBe(false);
  slow.resolve();
  await stopping;
  expect(count.endings).toBe(endings);
});

test('a duty that fails is tried again', async () => {
  let tries = 0;
  const upkeep = upkeepOf({ months: () => (tries++, Promise.reject(new Error('the database is away'))) });
  upkeep.start();
  await expect.poll(() => tries).toBeGreaterThan(2);
  await upkeep.stop();
});
