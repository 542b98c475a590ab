import { expect, test } from 'vitest';
import { DatabaseClock } from './database-clock.ts';

/** A clock whose database and whose machine the test moves; a query takes `queryMs`, and reads the time in its middle. */
function openClock() {
  const state = { database: 1_000_000, monotonic: 50, queryMs: 0 };
  const pass = (ms: number): void => {
    state.database += ms;
    state.monotonic += ms;
  };
  const read = async (): Promise<number> => {
    pass(state.queryMs / 2);
    const time = state.database;
    pass(state.queryMs / 2);
    return time;
  };
  return { state, pass, clock: new DatabaseClock(read, () => state.monotonic) };
}

test('the time is that of the database, and goes on between two comparisons', async () => {
  const { clock, pass } = openClock();
  await clock.sync();
  pass(700);
  expect(clock.now().getTime()).toBe(1_000_700);
});

test('before the first comparison there is no time', () => {
  expect(() => openClock().clock.now()).toThrow('The clock of the database was not read yet');
});

test('a slow query does not change a time that it cannot disprove', async () => {
  const { clock, state, pass } = openClock();
  await clock.sync();
  state.queryMs = 8000;
  await clock.sync();
  pass(100);
  expect(clock.now().getTime()).toBe(state.database);
});

test('a jump of the database’s clock is followed, in either direction', async () => {
  for (const jump of [3_600_000, -3_600_000]) {
    const { clock, state } = openClock();
    await clock.sync();
    state.database += jump;
    await clock.sync();
    expect(clock.now().getTime()).toBe(state.database);
  }
});

test('a failed comparison leaves the time as it was', async () => {
  const { state, pass } = openClock();
  let fails = false;
  const clock = new DatabaseClock(
    async () => {
      if (fails) throw new Error('away');
      return state.database;
    },
    () => state.monotonic,
  );
  await clock.sync();
  fails = true;
  await expect(clock.sync()).rejects.toThrow('away');
  pass(1000);
  expect(clock.now().getTime()).toBe(1_001_000);
});
