import type { EntityManager } from 'typeorm';
import { dropEmptyMonths } from './empty-months.ts';
import type { RunStatement } from './late-indexes.ts';
import type { Session, UpkeepOptions } from './months.ts';
import { rewriteBloatedMonth } from './rewrite-month.ts';

/** What is done once a day, by one process. */
type Task = 'months' | 'vacuum';

/** Makes the embedded database give back the room of deleted rows within a minute. A server does so by itself. */
export async function requestVacuum(manager: Pick<EntityManager, 'query'>): Promise<void> {
  await manager.query(`update upkeep set done_at = '-infinity' where task = 'vacuum'`);
}

/** Whether a task was last done a day ago. One small query, because it is asked every minute. */
export async function isDue(run: RunStatement, task: Task): Promise<boolean> {
  return (await run('select from upkeep where task = $1 and done_at < now() - $2::interval', [task, DAY])).length > 0;
}

/** A little less than a day, so that it stays at about the same time. */
const DAY = '23 hours 59 minutes';

/** Claims a task for today. */
async function claim(run: RunStatement, task: Task): Promise<boolean> {
  const rows = await run<{ task: string }>(
    `with claimed as (
       update upkeep set done_at = now() where task = $1 and done_at < now() - $2::interval returning task
     )
     select task from claimed`,
    [task, DAY],
  );
  return rows.length > 0;
}

/**
 * Gives back the room of what was deleted: drops months without rows, and rewrites the month of a table that is mostly empty, one a day. The
 * embedded database, which has no autovacuum, is vacuumed as well.
 */
export async function maintain(session: Session, options: UpkeepOptions): Promise<void> {
  const { run } = session;
  if (options.exclusive && (await claim(run, 'vacuum'))) await vacuumAll(run, options.signal);
  if (!(await claim(run, 'months'))) return;
  await dropEmptyMonths(session, options);
  if (!options.signal.aborted) await rewriteBloatedMonth(session, options);
}

/** One table at a time: others use the only connection in between. */
async function vacuumAll(run: RunStatement, signal: AbortSignal): Promise<void> {
  const tables = await run<{ name: string }>(
    `select oid::regclass::text as name from pg_class
     where relkind = 'r' and relnamespace in (
       select oid from pg_namespace where nspname <> 'information_schema' and nspname !~ '^pg_')
     order by relname`,
  );
  for (const { name } of tables) if (!signal.aborted) await run(`vacuum (analyze) ${name}`);
}
