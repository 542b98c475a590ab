import type pg from 'pg';
import type { DataSource } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';

/**
 * Plain SQL on the connections of a data source, for a library that writes its own; where a text has several statements, the rows of all.
 * Of its pool, not of PGlite itself: PGlite has one session, and a statement beside the pool would land in the middle of a transaction.
 */
export function sqlOf(
  dataSource: DataSource,
): (text: string, values?: unknown[]) => Promise<{ readonly rows: unknown[] }> {
  const pool = (dataSource.driver as PostgresDriver).master as pg.Pool;
  return async (text, values) => {
    const client = await pool.connect();
    try {
      const result: pg.QueryResult | pg.QueryResult[] = await client.query(text, values);
      return { rows: [result].flat().flatMap(({ rows }) => rows as unknown[]) };
    } catch (error) {
      // A text that holds a whole transaction and fails in it leaves it open.
      await client.query('rollback').catch(() => undefined);
      throw error;
    } finally {
      client.release();
    }
  };
}
