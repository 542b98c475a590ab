import { setTimeout as sleep } from 'node:timers/promises';
import type { RunStatement } from './late-indexes.ts';
import { monthsAround, PARTITIONED } from './partitions.ts';

/** Runs statements one by one, and several of them in a transaction that nothing else takes part in. */
export interface Session {
  readonly run: RunStatement;
  transaction(work: (run: RunStatement) => Promise<void>): Promise<void>;
}

export interface UpkeepOptions {
  /** Whether nobody else uses the database: then a month is rewritten where it is, while everything waits. */
  readonly exclusive: boolean;
  readonly now: Date;
  readonly signal: AbortSignal;
  /** Called for each month of a table that was dropped, and for the one that was rewritten. */
  readonly onFreed?: (table: string, how: 'dropped' | 'rewritten') => void;
}

/** The month of a table. */
export interface Month {
  readonly parent: string;
  readonly name: string;
  /** Such as `2026_11`. */
  readonly month: string;
  /** Such as `FOR VALUES FROM ('…') TO ('…')`. */
  readonly bounds: string;
}

/** The months that are over: those before the previous one, the oldest first. Into them hardly anything is written. */
export async function pastMonths(run: RunStatement, now: Date): Promise<readonly Month[]> {
  const first = monthsAround(now)[0]?.toISOString().slice(0, 7).replace('-', '_');
  return run<Month>(
    `select parent.relname as parent, month.relname as name, substring(month.relname from '\\d{4}_\\d{2}$') as month,
       pg_get_expr(month.relpartbound, month.oid) as bounds
     from pg_inherits join pg_class as parent on parent.oid = inhparent join pg_class as month on month.oid = inhrelid
     where parent.relname = any($1) and pg_table_is_visible(parent.oid) and month.relname ~ '_\\d{4}_\\d{2}$'
       and substring(month.relname from '\\d{4}_\\d{2}$') < $2
     order by month, parent`,
    [PARTITIONED, first],
  );
}

/**
 * How long a lock on a table may be waited for, and the pause before it is tried again: behind it, all queries of the table would wait for a
 * transaction that has read it and stays open.
 */
const LOCK_LIMIT_MS = 200;
const PAUSE_MS = 1_000;
const TRIES = 30;

/**
 * Runs a short transaction that needs an exclusive lock of a table. Returns whether it got it. Its commit does not wait for the disk, while it
 * holds the lock.
 */
export async function withShortLock(
  session: Session,
  work: (run: RunStatement) => Promise<void>,
  signal: AbortSignal,
): Promise<boolean> {
  for (let tries = 1; ; tries++) {
    try {
      await session.transaction(async (run) => {
        await run(`set local lock_timeout = ${LOCK_LIMIT_MS}`);
        await run('set local synchronous_commit = off');
        await work(run);
      });
      return true;
    } catch (error) {
      if (!isTimeout(error)) throw error;
      if (tries === TRIES || signal.aborted) return false;
      await sleep(PAUSE_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
}

const LOCK_NOT_AVAILABLE = '55P03';
const QUERY_CANCELED = '57014';
const DEADLOCK = '40P01';

/** A lock, or a statement with a limit, took too long. */
function isTimeout(error: unknown): boolean {
  const { code, driverError } = error as {
    readonly code?: unknown;
    readonly driverError?: { readonly code?: unknown };
  };
  return [LOCK_NOT_AVAILABLE, QUERY_CANCELED, DEADLOCK].some((one) => code === one || driverError?.code === one);
}
