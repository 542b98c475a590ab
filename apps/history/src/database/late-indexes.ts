import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Indexes over the months of a table that are too large to be built by a migration, which would stop every write meanwhile. The migration
 * creates them `on only` the table, so months to come have them; those that exist get them after the start, one month at a time. Until
 * then queries find the same rows, slowly.
 */
export const LATE_INDEXES = [
  'generation_failed',
  'generation_outcome_unknown',
  'generation_deleted',
  'generation_image_deleted',
] as const;

/** Runs a statement and returns its rows. */
export type RunStatement = <T>(sql: string, values?: unknown[]) => Promise<T[]>;

/** An index of one month that is missing, or not part of the index of the table yet. */
interface MissingIndex {
  /** Of the table. */
  readonly parent: string;
  /** Of the month. */
  readonly name: string;
  readonly month: string;
  /** From `using` on, as the index of the table has it. */
  readonly definition: string;
  readonly state: 'none' | 'invalid' | 'built';
}

/** The newest months first, because most of what is read is there. */
const MISSING = `
  select parent.relname as parent, month.relname as month,
    parent.relname || substring(month.relname from '_\\d{4}_\\d{2}$') as name,
    substring(pg_get_indexdef(parent.oid) from ' USING .*$') as definition,
    case when own.indexrelid is null then 'none' when own.indisvalid then 'built' else 'invalid' end as state
  from pg_class as parent
    join pg_index on pg_index.indexrelid = parent.oid
    join pg_inherits as months on months.inhparent = pg_index.indrelid
    join pg_class as month on month.oid = months.inhrelid
    left join pg_index as own
      on own.indexrelid = to_regclass(parent.relname || substring(month.relname from '_\\d{4}_\\d{2}$'))
        and own.indrelid = month.oid
  where parent.relname = any($1) and parent.relkind = 'I' and pg_table_is_visible(parent.oid)
    and not exists (
      select from pg_inherits as attached join pg_index as child on child.indexrelid = attached.inhrelid
      where attached.inhparent = parent.oid and child.indrelid = month.oid)
  order by month.relname desc, parent.relname`;

/** Whether some month lacks an index. One small query, because it is asked every minute. */
export async function hasMissingIndexes(run: RunStatement): Promise<boolean> {
  return (await run<MissingIndex>(MISSING, [LATE_INDEXES])).length > 0;
}

export interface BuildOptions {
  /** Without it a build stops the writes of its month, and needs no connection of its own. */
  readonly concurrently: boolean;
  readonly signal: AbortSignal;
  /** Called before each index. */
  readonly onBuild?: (name: string) => void;
}

/** How long the attachment of an index, which needs a lock of the table, may make others wait; and the pause before it is tried again. */
const ATTACH_LIMIT_MS = 250;
const ATTACH_PAUSE_MS = 1_000;
const ATTACH_TRIES = 30;

/**
 * Builds what is missing. Each index of a month stands when its build has ended, so that a process which is killed half-way loses one at
 * most: the next drops what is left of it and builds it again. Call it from one process at a time, on a single session.
 */
export async function buildMissingIndexes(
  run: RunStatement,
  { concurrently, signal, onBuild }: BuildOptions,
): Promise<void> {
  const how = concurrently ? 'concurrently' : '';
  for (const { parent, name, month, definition, state } of await run<MissingIndex>(MISSING, [LATE_INDEXES])) {
    if (signal.aborted) return;
    onBuild?.(name);
    if (state === 'invalid') await run(`drop index ${how} ${name}`);
    if (state !== 'built') await run(`create index ${how} ${name} on ${month} ${definition}`);
    await attach(run, `alter index ${parent} attach partition ${name}`, signal);
  }
}

/**
 * Waits for the lock a moment only: behind it, all queries of the month would wait for a transaction that has read it and stays open. Nor does
 * its commit wait for the disk, while it holds the lock: what a crash of the server undoes is attached again.
 */
async function attach(run: RunStatement, sql: string, signal: AbortSignal): Promise<void> {
  await run(`set lock_timeout = ${ATTACH_LIMIT_MS}`);
  await run('set synchronous_commit = off');
  try {
    for (let tries = 1; ; tries++) {
      try {
        await run(sql);
        return;
      } catch (error) {
        if (!isLockTimeout(error) || tries === ATTACH_TRIES || signal.aborted) throw error;
        await sleep(ATTACH_PAUSE_MS);
      }
    }
  } finally {
    await run('set lock_timeout = default').catch(() => undefined);
    await run('set synchronous_commit = default').catch(() => undefined);
  }
}

const LOCK_NOT_AVAILABLE = '55P03';

function isLockTimeout(error: unknown): boolean {
  const { code, driverError } = error as {
    readonly code?: unknown;
    readonly driverError?: { readonly code?: unknown };
  };
  return code === LOCK_NOT_AVAILABLE || driverError?.code === LOCK_NOT_AVAILABLE;
}
