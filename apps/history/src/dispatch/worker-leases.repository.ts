import { DataSource } from 'typeorm';
import { Injectable } from '@nestjs/common';
import { isAliveSql } from '../ledger/ledger.repository.ts';
import { WorkerEntity } from './worker.entity.ts';

/** What does not wait for this process any more; `sentAt` where it is this process that has to send it. */
export interface Reconciled {
  readonly id: string;
  readonly sentAt: Date | null;
}

/** The processes that work on generations, and which of them have stopped. By the database's clock, the one that all share. */
@Injectable()
export class WorkerLeasesRepository {
  constructor(private readonly dataSource: DataSource) {}

  async heartbeat(workerId: string): Promise<void> {
    await this.dataSource.manager.query(
      `insert into worker (id, seen_at) values ($1, now()) on conflict (id) do update set seen_at = excluded.seen_at`,
      [workerId],
    );
  }

  /** The process has ended its work; what is still queued there is anybody's at once. */
  async delete(workerId: string): Promise<void> {
    await this.dataSource.manager.delete(WorkerEntity, { id: workerId });
  }

  /** No other process lives: for a database that one process alone can have. */
  async deleteOthers(workerId: string): Promise<void> {
    await this.dataSource.manager.query('delete from worker where id <> $1', [workerId]);
  }

  /** Deletes the expired workers that have left nothing behind. */
  async deleteExpired(leaseMs: number): Promise<void> {
    await this.dataSource.manager.query(
      `delete from worker where seen_at <= now() - $1::int * interval '1 millisecond' and not exists (
        select from generation where generation.worker_id = worker.id and state in ('queued', 'running'))`,
      [leaseMs],
    );
  }

  /** Whether any process has been seen within that time. */
  async isAnySeenWithin(ms: number): Promise<boolean> {
    const rows = await this.dataSource.manager.query<unknown[]>(
      `select id from worker where seen_at > now() - $1::int * interval '1 millisecond' limit 1`,
      [ms],
    );
    return rows.length > 0;
  }

  /** Generations that were sent by a process that has died. */
  async orphanedRunning(leaseMs: number, limit: number): Promise<readonly string[]> {
    const rows = await this.dataSource.manager.query<{ id: string }[]>(
      `select id from generation where state = 'running' and not ${isAliveSql('$1')} order by id limit $2`,
      [leaseMs, limit],
    );
    return rows.map(({ id }) => id);
  }

  /**
   * Queued generations that no living process has: of a dead one, or of none for longer than the lease. And those of this process that are
   * as old: it may have claimed one without hearing of it. Those come last, because most of them are only waiting for a slot, and there
   * may be more than one look sees.
   */
  async orphanedQueued(workerId: string, leaseMs: number, limit: number): Promise<readonly string[]> {
    const rows = await this.dataSource.manager.query<{ id: string }[]>(
      `select id from generation
       where state = 'queued' and (worker_id = $3 or not ${isAliveSql('$1')})
         and (worker_id <> $3 or created_at <= now() - $1::int * interval '1 millisecond')
       order by worker_id is not distinct from $3, id limit $2`,
      [leaseMs, limit, workerId],
    );
    return rows.map(({ id }) => id);
  }

  /**
   * Which of these do not wait for this process any more: canceled, or claimed by another that thought it dead; then they have no `sentAt`.
   * Those with one were given their slot, and only the word of it was lost.
   */
  async reconcileQueued(ids: readonly string[], workerId: string): Promise<readonly Reconciled[]> {
    const rows = await this.dataSource.manager.query<{ id: string; sent_at: Date | null }[]>(
      `select id, case when state = 'running' and worker_id = $2 then sent_at end as sent_at
       from generation where id = any($1) and not (state = 'queued' and worker_id = $2)`,
      [ids, workerId],
    );
    return rows.map(({ id, sent_at }) => ({ id, sentAt: sent_at }));
  }

  /** What this process runs and is asked to cancel. */
  async cancelRequested(workerId: string): Promise<readonly string[]> {
    const rows = await this.dataSource.manager.query<{ id: string }[]>(
      `select id from generation where state = 'running' and worker_id = $1 and cancel_requested_at is not null`,
      [workerId],
    );
    return rows.map(({ id }) => id);
  }
}
