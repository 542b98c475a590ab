import { expect, test } from 'vitest';
import { SingleFlight } from './single-flight.ts';

test('those that ask while it runs share one run, and the next one runs again', async () => {
  const flight = new SingleFlight<string, number>();
  const gate = Promise.withResolvers<void>();
  let runs = 0;
  const work = async (): Promise<number> => {
    const run = ++runs;
    await gate.promise;
    return run;
  };
  const shared = [flight.run('a', work), flight.run('a', work)];
  const other = flight.run('b', work);
  gate.resolve();
  expect(await Promise.all([...shared, other])).toEqual([1, 1, 2]);
  expect(await flight.run('a', work)).toBe(3);
});

test('a failure is shared too, and is not remembered', async () => {
  const flight = new SingleFlight<string, string>();
  const failing = [0, 1].map(() => flight.run('a', () => Promise.reject(new Error('the disk is full'))));
  for (const one of failing) await expect(one).rejects.toThrow('the disk is full');
  expect(await flight.run('a', async () => 'fine')).toBe('fine');
});

test('settled waits for what runs now, also where that fails', async () => {
  const flight = new SingleFlight<string, void>();
  const gate = Promise.withResolvers<void>();
  const running = flight.run('a', () => gate.promise);
  let isSettled = false;
  const settled = flight.settled().then(() => (isSettled = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(isSettled).toBe(false);
  gate.reject(new Error('gone'));
  await settled;
  await expect(running).rejects.toThrow('gone');
});
