import { expect, test } from 'vitest';
import { openServiceDatabase } from '../src/boot/open-database.ts';
import { readConfig } from '../src/config/config.ts';
import { queryWithLimit, QueryLimitError } from '../src/database/limited-query.ts';
import { openTestData } from './support/test-history.ts';

test('the database ends a statement that takes too long, and no other one of the same session', async () => {
  await using testData = await openTestData();
  const database = await openServiceDatabase(readConfig(testData.environment));
  try {
    const { reads } = database;
    await expect(queryWithLimit(reads, 'select pg_sleep($1)', [600], { limitMs: 20 })).rejects.toThrow(QueryLimitError);
    expect(await queryWithLimit(reads, 'show statement_timeout', [])).toEqual([{ statement_timeout: '8s' }]);
    // The session was given back without a transaction and without a limit.
    expect(await reads.query('show statement_timeout')).toEqual([{ statement_timeout: '0' }]);
    await expect(queryWithLimit(reads, 'select 1 / $1::int as one', [0])).rejects.toThrow('division by zero');
    expect(await queryWithLimit(reads, 'select 1 / $1::int as one', [1])).toEqual([{ one: 1 }]);
  } finally {
    await database.close();
  }
});
