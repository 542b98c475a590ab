import type pg from 'pg';
import type { DataSource, EntityManager } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';

/**
 * Runs plain SQL on the pool of a data source, for a library that writes its own. Returns the rows of all statements in the text.
 * Uses the pool, not PGlite itself: PGlite has one session, so a statement outside the pool could run within another transaction.
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
      // If the text contains a whole transaction and fails within it, the transaction is still open.
      await client.query('rollback').catch(() => undefined);
      throw error;
    } finally {
      client.release();
    }
  };
}

/** An open transaction, for services that hand it from one repository to another. */
export type Transaction = EntityManager;

/** Runs a statement within a transaction. */
export type RunSql = (sql: string, values?: unknown[]) => Promise<{ readonly rows: unknown[] }>;

/** In the form that the job queue accepts, so that a job is committed together with its row or not at all. */
export function inTransaction(manager: EntityManager): RunSql {
  return async (sql, values) => {
    const result = await manager.queryRunner?.query(sql, values, true);
    return { rows: (result?.records ?? []) as unknown[] };
  };
}
