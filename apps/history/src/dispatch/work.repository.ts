import type { GenerationOutcome } from '@wan-image/core';
import { DataSource, type EntityManager } from 'typeorm';
import { Injectable } from '@nestjs/common';
import { GenerationEntity, type StoredError } from '../ledger/generation.entity.ts';
import { IdempotencyKeyEntity } from '../ledger/idempotency-key.entity.ts';
import { settleSpend } from '../spending/spend.repository.ts';
import { WorkerEntity } from './worker.entity.ts';

/** How many generations may be at the upstream at once, and how many may begin within a minute; null: any number. */
export interface UpstreamLimits {
  readonly concurrency: number | null;
  readonly perMinute: number | null;
}

/** A generation that was sent: committed before its first byte leaves. */
export interface Sent {
  readonly id: string;
  readonly sentAt: Date;
}

/** What waits no more; `sentAt` where it is this process that has to send it. */
export interface Reconciled {
  readonly id: string;
  readonly sentAt: Date | null;
}

/** Any number that no other software on the same database uses for an advisory lock. */
export const TURNS_LOCK = 7_270_155_002;

/** What a process that died has left behind is told by the database's clock, the one that all share. */
const LEASE = `now() - $1::int * interval '1 millisecond'`;
const IS_ALIVE = `exists (select from worker where worker.id = generation.worker_id and worker.seen_at > ${LEASE})`;

/** Who works on what: processes and their leases, turns at the upstream, cancellation. */
@Injectable()
export class WorkerLeasesRepository {
  readonly #dataSource: DataSource;

  constructor(dataSource: DataSource) {
    this.#dataSource = dataSource;
  }

  /** The process lives. */
  async heartbeat(workerId: string): Promise<void> {
    await this.#dataSource.manager.query(
      `insert into worker (id, seen_at) values ($1, now()) on conflict (id) do update set seen_at = excluded.seen_at`,
      [workerId],
    );
  }

  /** The process has ended its work; what still waits there is anybody's at once. */
  async leave(workerId: string): Promise<void> {
    await this.#dataSource.manager.delete(WorkerEntity, { id: workerId });
  }

  /** No other process lives: for a database that one process alone can have. */
  async expireOtherWorkers(workerId: string): Promise<void> {
    await this.#dataSource.manager.query('delete from worker where id <> $1', [workerId]);
  }

  /** Forgets the dead that have left nothing behind. */
  async deleteExpiredWorkers(leaseMs: number): Promise<void> {
    await this.#dataSource.manager.query(
      `delete from worker where seen_at <= ${LEASE} and not exists (
        select from generation where generation.worker_id = worker.id and state in ('queued', 'running'))`,
      [leaseMs],
    );
  }

  /** Generations that were sent by a process that is dead. */
  async orphanedRunning(leaseMs: number, limit: number): Promise<readonly string[]> {
    const rows = await this.#dataSource.manager.query<{ id: string }[]>(
      `select id from generation where state = 'running' and not ${IS_ALIVE} order by id limit $2`,
      [leaseMs, limit],
    );
    return rows.map(({ id }) => id);
  }

  /** Ends one of them as `failed` and `unknown`, unless its process lives again or has ended it. */
  async failInterrupted(id: string, leaseMs: number, error: StoredError, finishedAt: Date): Promise<boolean> {
    return this.#settled(id, async (manager) => {
      const [rows] = await manager.query<[unknown[], number]>(
        `update generation set state = 'failed', outcome = 'unknown', error = $3, finished_at = $4
         where id = $2 and state = 'running' and not ${IS_ALIVE} returning id`,
        [leaseMs, id, JSON.stringify(error), finishedAt],
      );
      return rows.length > 0;
    });
  }

  /**
   * Generations that wait and that no living process has: of a dead one, or of none for longer than the lease. And those of this process
   * that are as old: it may have taken one up and not have heard that it did. Those come last, because most of them are only waiting for
   * their turn, and there may be more than one look sees.
   */
  async orphanedQueued(workerId: string, leaseMs: number, limit: number): Promise<readonly string[]> {
    const rows = await this.#dataSource.manager.query<{ id: string }[]>(
      `select id from generation
       where state = 'queued' and (worker_id = $3 or not ${IS_ALIVE})
         and (worker_id <> $3 or created_at <= ${LEASE})
       order by worker_id is not distinct from $3, id limit $2`,
      [leaseMs, limit, workerId],
    );
    return rows.map(({ id }) => id);
  }

  /** Takes a generation that waits, unless another living process has it. */
  async adopt(id: string, workerId: string, leaseMs: number): Promise<boolean> {
    const [rows] = await this.#dataSource.manager.query<[unknown[], number]>(
      `update generation set worker_id = $3 where id = $2 and state = 'queued' and (worker_id = $3 or not ${IS_ALIVE})
       returning id`,
      [leaseMs, id, workerId],
    );
    return rows.length > 0;
  }

  /** Commits that a generation is sent; null where this process has it no more. */
  async send(id: string, workerId: string): Promise<Date | null> {
    const [rows] = await this.#dataSource.manager.query<[{ sent_at: Date }[], number]>(
      `update generation set state = 'running', sent_at = clock_timestamp()
       where id = $1 and state = 'queued' and worker_id = $2 returning sent_at`,
      [id, workerId],
    );
    return rows[0]?.sent_at ?? null;
  }

  /**
   * Sends what of this process is next, as far as there are free places, over all processes. Projects take turns, so that a hundred of
   * one hold up another's only by one; what belongs to another process is left to it. One process at a time looks. Whose a row is, the
   * update itself asks: of a row that changes hands meanwhile it sees the new owner, and `next` the old one.
   */
  async acquire(workerId: string, limits: UpstreamLimits, leaseMs: number): Promise<readonly Sent[]> {
    return this.#dataSource.transaction(async (manager) => {
      await manager.query('select pg_advisory_xact_lock($1)', [TURNS_LOCK]);
      const places = await availableSlots(manager, limits);
      if (places <= 0) return [];
      // `now()` would be when this began to wait for the lock, before what made room had ended.
      const [rows] = await manager.query<[{ id: string; sent_at: Date }[], number]>(
        `with running as (select project_id, count(*) as count from generation where state = 'running' group by project_id),
         waiting as (
           select id, worker_id,
             coalesce(running.count, 0) + row_number() over (partition by generation.project_id order by id) as turn
           from generation left join running using (project_id)
           where state = 'queued' and ${IS_ALIVE}),
         next as (select id, worker_id from waiting order by turn, id limit $2)
         update generation set state = 'running', sent_at = clock_timestamp()
         where state = 'queued' and worker_id = $3 and id in (select id from next)
         returning id, sent_at`,
        [leaseMs, places, workerId],
      );
      if (limits.perMinute !== null && rows.length > 0)
        await manager.query(
          'insert into upstream_start (id, started_at) select unnest($1::uuid[]), clock_timestamp()',
          [rows.map(({ id }) => id)],
        );
      return rows.map(({ id, sent_at }) => ({ id, sentAt: sent_at }));
    });
  }

  /** Lets one wait again that this process was to send in this turn and did not. A later turn is another: that may be used. */
  async release({ id, sentAt }: Sent, workerId: string): Promise<void> {
    await this.#dataSource.manager.query(
      `update generation set state = 'queued', sent_at = null
       where id = $1 and state = 'running' and worker_id = $2 and sent_at = $3`,
      [id, workerId, sentAt],
    );
  }

  /**
   * Which of these do not wait for this process any more: canceled, or taken by another that thought it dead; then they have no `sentAt`.
   * Those with one were given their turn, and only the word of it was lost.
   */
  async reconcileQueued(ids: readonly string[], workerId: string): Promise<readonly Reconciled[]> {
    const rows = await this.#dataSource.manager.query<{ id: string; sent_at: Date | null }[]>(
      `select id, case when state = 'running' and worker_id = $2 then sent_at end as sent_at
       from generation where id = any($1) and not (state = 'queued' and worker_id = $2)`,
      [ids, workerId],
    );
    return rows.map(({ id, sent_at }) => ({ id, sentAt: sent_at }));
  }

  /** Ends what was not sent yet as `canceled`, and frees its key. */
  async cancelQueued(id: string, error: StoredError, responseStatus: number, finishedAt: Date): Promise<boolean> {
    return this.#settled(id, async (manager) => {
      const [, count] = await manager.query<[unknown[], number]>(
        `update generation
         set state = 'canceled', outcome = 'not_billed', error = $2, reply_status = $3, finished_at = $4
         where id = $1 and state = 'queued'`,
        [id, JSON.stringify(error), responseStatus, finishedAt],
      );
      if (count > 0) await manager.delete(IdempotencyKeyEntity, { generationId: id });
      return count > 0;
    });
  }

  /** Asks the process that has it to give it up. */
  async requestCancel(id: string, now: Date): Promise<void> {
    await this.#dataSource.manager.query(
      `update generation set cancel_requested_at = coalesce(cancel_requested_at, $2) where id = $1 and state = 'running'`,
      [id, now],
    );
  }

  /** What this process works on and is asked to give up. */
  async cancelRequested(workerId: string): Promise<readonly string[]> {
    const rows = await this.#dataSource.manager.query<{ id: string }[]>(
      `select id from generation where state = 'running' and worker_id = $1 and cancel_requested_at is not null`,
      [workerId],
    );
    return rows.map(({ id }) => id);
  }

  /** A person says what it cost. Returns whether that was open. */
  async resolve(id: string, outcome: Exclude<GenerationOutcome, 'unknown'>, now: Date): Promise<boolean> {
    return this.#settled(id, async (manager) => {
      const { affected = 0 } = await manager.update(
        GenerationEntity,
        { id, outcome: 'unknown' },
        { outcome, resolvedAt: now },
      );
      if (affected > 0 && outcome === 'not_billed') await manager.delete(IdempotencyKeyEntity, { generationId: id });
      return affected > 0;
    });
  }

  /** What a change comes to, and what it costs, in one transaction. */
  #settled(id: string, change: (manager: EntityManager) => Promise<boolean>): Promise<boolean> {
    return this.#dataSource.transaction(async (manager) => {
      const changed = await change(manager);
      if (changed) await settleSpend(manager, [id]);
      return changed;
    });
  }
}

/** How many may begin now, under the lock. */
async function availableSlots(manager: EntityManager, { concurrency, perMinute }: UpstreamLimits): Promise<number> {
  let free = Number.MAX_SAFE_INTEGER;
  if (concurrency !== null) {
    const [row] = await manager.query<{ count: number }[]>(
      `select count(*)::int as count from generation where state = 'running'`,
    );
    free = concurrency - (row?.count ?? 0);
  }
  if (perMinute !== null) {
    await manager.query(`delete from upstream_start where started_at <= now() - interval '1 minute'`);
    const [row] = await manager.query<{ count: number }[]>('select count(*)::int as count from upstream_start');
    free = Math.min(free, perMinute - (row?.count ?? 0));
  }
  return free;
}
