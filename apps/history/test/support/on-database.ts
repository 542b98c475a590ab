import pg from 'pg';
import type { TestData } from './test-history.ts';

/** Runs statements on the PostgreSQL of the test data, next to the service. */
export async function onDatabase({ environment }: TestData, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: environment['DATABASE_URL'] });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
