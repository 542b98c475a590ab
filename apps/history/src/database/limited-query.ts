import { QueryFailedError, type DataSource } from 'typeorm';

/** Of the reads of callers that may have to go through many rows. */
const LIMIT_MS = 8_000;

/**
 * Reads rows in the order of an index, and joins each as it comes, until there are enough. Where a filter seems rare to the planner, it would
 * read whole tables and sort what it finds.
 */
export const IN_ORDER = ['enable_seqscan', 'enable_sort', 'enable_hashjoin', 'enable_mergejoin']
  .map((method) => `; set local ${method} = off`)
  .join('');

const QUERY_CANCELED = '57014';

/** The statement took longer than it may, so the database ended it. */
export class QueryLimitError extends Error {
  override readonly name = 'QueryLimitError';
  override readonly message = 'The database ended a statement that took too long';
}

/**
 * Reads with a statement that the database ends when it takes too long: throws a {@link QueryLimitError} then. `set local`, because a
 * pooler in front of the database may share the session; together with `begin`, because each round trip counts.
 */
export async function queryWithLimit<Row>(
  dataSource: DataSource,
  sql: string,
  values: readonly unknown[],
  { limitMs = LIMIT_MS, plan = '' }: { readonly limitMs?: number; readonly plan?: string } = {},
): Promise<readonly Row[]> {
  const session = dataSource.createQueryRunner();
  try {
    await session.query(`begin read only; set local statement_timeout = ${limitMs}${plan}`);
    const rows = (await session.query(sql, [...values])) as readonly Row[];
    await session.query('commit');
    return rows;
  } catch (error) {
    // If the connection is lost, so is its transaction.
    await session.query('rollback').catch(() => undefined);
    throw isCanceled(error) ? new QueryLimitError(undefined, { cause: error }) : error;
  } finally {
    await session.release();
  }
}

function isCanceled(error: unknown): boolean {
  return (
    error instanceof QueryFailedError && (error.driverError as { readonly code?: unknown }).code === QUERY_CANCELED
  );
}
