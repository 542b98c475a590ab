import { expect, test } from 'vitest';
import { openServiceDatabase } from '../src/boot/open-database.ts';
import { readConfig } from '../src/config/config.ts';
import { retriedTransaction } from '../src/database/retried-transaction.ts';
import { openTestData } from './support/test-history.ts';

test('of two transactions that wait for each other, one is carried out after the other', async () => {
  await using testData = await openTestData();
  const database = await openServiceDatabase(readConfig(testData.environment));
  try {
    const { dataSource } = database;
    await dataSource.query('create table pair (name text primary key, value int not null)');
    await dataSource.query(`insert into pair values ('a', 0), ('b', 0)`);
    const bothHold = Promise.withResolvers<void>();
    let holding = 0;
    let attempts = 0;
    const raise = (first: string, second: string): Promise<void> =>
      retriedTransaction(dataSource, async (manager) => {
        attempts++;
        await manager.query('update pair set value = value + 1 where name = $1', [first]);
        if (++holding === 2) bothHold.resolve();
        await bothHold.promise;
        await manager.query('update pair set value = value + 1 where name = $1', [second]);
      });
    await Promise.all([raise('a', 'b'), raise('b', 'a')]);
    expect(await dataSource.query('select name, value from pair order by name')).toEqual([
      { name: 'a', value: 2 },
      { name: 'b', value: 2 },
    ]);
    expect(attempts).toBe(3);
  } finally {
    await database.close();
  }
});
