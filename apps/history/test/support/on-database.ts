import pg from 'pg';
import type { Place } from './test-history.ts';

/** Runs statements on the PostgreSQL of a place, beside the service. */
export async function onDatabase({ environment }: Place, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: environment['DATABASE_URL'] });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
