import pg from 'pg';
import type { TestData } from './test-history.ts';

/** Runs a statement, and returns its rows, on the PostgreSQL of the test data, next to the service. */
export async function onDatabase({ environment }: TestData, sql: string): Promise<readonly unknown[]> {
  const client = new pg.Client({ connectionString: environment['DATABASE_URL'] });
  await client.connect();
  try {
    return (await client.query<object>(sql)).rows;
  } finally {
    await client.end();
  }
}
