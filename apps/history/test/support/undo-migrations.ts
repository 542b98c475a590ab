import type { DataSource } from 'typeorm';

/** The migration that added the library. */
export const LIBRARY = 'Library1796515200000';

/** The migration that added the outbox and the statistics. */
export const OUTBOX = 'Outbox1796688000000';

/** The migration that made one number of the counts of latencies. */
export const LATENCIES = 'Latencies1796947200000';

/** Undoes a migration, and all that came after it. */
export async function undoMigrations(dataSource: DataSource, first: string): Promise<void> {
  const [found] = await dataSource.query<{ later: number }[]>(
    'select count(*)::int as later from migration where id >= (select id from migration where name = $1)',
    [first],
  );
  if (found === undefined || found.later === 0) throw new Error(`There is no migration ${first}`);
  for (let undone = 0; undone < found.later; undone++) await dataSource.undoLastMigration();
}
