import { QueryFailedError, type DataSource, type EntityManager } from 'typeorm';

/** Two transactions waited for each other, and the server ended this one: nothing of it was committed. */
const DEADLOCK = '40P01';

const ATTEMPTS = 4;

/**
 * Runs a transaction, and again if the server ended it because of a deadlock: rows are locked in one order, but what ends generations in groups
 * also waits for idempotency keys and budgets.
 */
export async function retriedTransaction<T>(
  dataSource: DataSource,
  work: (manager: EntityManager) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await dataSource.transaction(work);
    } catch (error) {
      if (attempt === ATTEMPTS || !isDeadlock(error)) throw error;
    }
  }
}

function isDeadlock(error: unknown): boolean {
  return error instanceof QueryFailedError && (error.driverError as { readonly code?: unknown }).code === DEADLOCK;
}
