import { DataSource } from 'typeorm';
import { Inject, Injectable } from '@nestjs/common';
import { READS } from '../database/database.ts';
import { isAliveSql } from '../ledger/ledger.repository.ts';
import { WorkerEntity } from './worker.entity.ts';

/** A generation that no longer waits in this process; with `sentAt` if this process must send it. */
export interface Reconciled {
  readonly id: string;
  readonly sentAt: Date | null;
}

/** The processes that run generations, and which of them are dead: by the database's clock, which all processes share. */
@Injectable()
export class WorkerLeasesRepository {
  constructor(@Inject(READS) private readonly dataSource: DataSource) {}

  async heartbeat(workerId: string): Promise<void> {
    await this.dataSource.manager.query(
      `insert into worker (id, seen_at) values ($1, now()) on conflict (id) do update set seen_at = excluded.seen_at`,
      [workerId],
    );
  }

  /** Deletes a process that has shut down; any process may claim its queued generations at once. */
  async delete(workerId: string): Promise<void> {
    await this.dataSource.manager.delete(WorkerEntity, { id: workerId });
  }

  /** Deletes all other processes: for a database that only one process can use. */
  async deleteOthers(workerId: string): Promise<void> {
    await this.dataSource.manager.query('delete from worker where id <> $1', [workerId]);
  }

  /** Deletes expired workers that have no orphaned generations. */
  async deleteExpired(leaseMs: number): Promise<void> {
    await this.dataSource.manager.query(
      `delete from worker where seen_at <= now() - $1::int * interval '1 millisecond' and not exists (
        select from generation where generation.worker_id = worker.id and state in ('queued', 'running'))`,
      [leaseMs],
    );
  }

  /** Whether any process has sent a heartbeat within that time. */
  async isAnySeenWithin(ms: number): Promise<boolean> {
    const rows = await this.dataSource.manager.query<unknown[]>(
      `select id from worker where seen_at > now() - $1::int * interval '1 millisecond' limit 1`,
      [ms],
    );
    return rows.length > 0;
  }

  /** Running generations whose process is dead. */
  async orphanedRunning(leaseMs: number, limit: number): Promise<readonly string[]> {
    const rows = await this.dataSource.manager.query<{ id: string }[]>(
      `select id from generation where state = 'running' and not ${isAliveSql('$1')} order by id limit $2`,
      [leaseMs, limit],
    );
    return rows.map(({ id }) => id);
  }

  /**
   * Queued generations whose process is dead, or that have had no process for longer than the lease. Also those of this process of the same
   * age: it may have claimed one without receiving the confirmation. Those come last, because most of them are only waiting for a slot, and
   * there may be more than one query returns.
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
   * Which of these no longer wait in this process. Without `sentAt`, they were canceled, or claimed by a process that considered this one
   * dead. With `sentAt`, they have their slot, and only the confirmation of the commit was lost.
   */
  async reconcileQueued(ids: readonly string[], workerId: string): Promise<readonly Reconciled[]> {
    const rows = await this.dataSource.manager.query<{ id: string; sent_at: Date | null }[]>(
      `select id, case when state = 'running' and worker_id = $2 then sent_at end as sent_at
       from generation where id = any($1) and not (state = 'queued' and worker_id = $2)`,
      [ids, workerId],
    );
    return rows.map(({ id, sent_at }) => ({ id, sentAt: sent_at }));
  }

  /** Generations that this process runs and whose cancellation was requested. */
  async cancelRequested(workerId: string): Promise<readonly string[]> {
    const rows = await this.dataSource.manager.query<{ id: string }[]>(
      `select id from generation where state = 'running' and worker_id = $1 and cancel_requested_at is not null`,
      [workerId],
    );
    return rows.map(({ id }) => id);
  }
}
