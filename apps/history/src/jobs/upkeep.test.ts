import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createUpkeep, type Duties } from './upkeep.ts';

const quiet = pino({ level: 'silent' });
const nothing = (): Promise<void> => Promise.resolve();

function upkeepOf(duties: Partial<Duties>): ReturnType<typeof createUpkeep> {
  return createUpkeep(
    {
      endings: nothing,
      months: nothing,
      pictures: nothing,
      spool: nothing,
      keys: nothing,
      interrupted: nothing,
      ...duties,
    },
    quiet,
    5,
  );
}

test('a duty that takes long holds up no other, is not begun twice, and ends before the stop does', async () => {
  const slow = Promise.withResolvers<void>();
  const count = { endings: 0, pictures: 0 };
  const upkeep = upkeepOf({
    endings: async () => void count.endings++,
    pictures: () => (count.pictures++, slow.promise),
  });
  upkeep.start();
  await expect.poll(() => count.endings).toBeGreaterThan(3);
  expect(count.pictures).toBe(1);
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
