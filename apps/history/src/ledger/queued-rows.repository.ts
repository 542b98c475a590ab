import type { EntityManager } from 'typeorm';
import { isAliveSql } from './end-generations.repository.ts';

/** A generation with its send time, which is committed before its first byte is sent. */
export interface SentGeneration {
  readonly id: string;
  readonly sentAt: Date;
}

/** Claims a queued generation for a process, unless another live process has it. */
export async function claimQueued(
  manager: EntityManager,
  id: string,
  workerId: string,
  leaseMs: number,
): Promise<boolean> {
  const [rows] = await manager.query<[unknown[], number]>(
    `update generation set worker_id = $3
     where id = $2 and state = 'queued' and (worker_id = $3 or not ${isAliveSql('$1')}) returning id`,
    [leaseMs, id, workerId],
  );
  return rows.length > 0;
}

/** Commits the time at which a generation is sent; null if the process no longer has it. */
export async function markSent(manager: EntityManager, id: string, workerId: string): Promise<Date | null> {
  const [rows] = await manager.query<[{ sent_at: Date }[], number]>(
    `update generation set state = 'running', sent_at = clock_timestamp()
     where id = $1 and state = 'queued' and worker_id = $2 returning sent_at`,
    [id, workerId],
  );
  return rows[0]?.sent_at ?? null;
}

/**
 * CTEs that mark the next generations of a process as sent, as many as `slots` (an expression) says: `sent` has their `id` and `sent_at`.
 * Projects take turns, so a hundred generations of one project delay another project's by one; those of other processes are skipped. The
 * update checks the owner itself: if another process claims a row meanwhile, the update sees the new owner, while `next` still sees the old
 * one. Without parameters, because the caller sends it together with other statements; `workerId` must be a UUID.
 */
export function markNextSentSql(workerId: string, slots: string, leaseMs: number): string {
  // `now()` would be the time when the transaction began to wait for its lock, before the generations that released the slots had ended.
  return `running as (select project_id, count(*) as count from generation where state = 'running' group by project_id),
     waiting as (
       select id, worker_id,
         coalesce(running.count, 0) + row_number() over (partition by generation.project_id order by id) as turn
       from generation left join running using (project_id)
       where state = 'queued' and ${isAliveSql(String(leaseMs))}),
     next as (select id, worker_id from waiting order by turn, id limit greatest(0, ${slots})),
     sent as (
       update generation set state = 'running', sent_at = clock_timestamp()
       where state = 'queued' and worker_id = '${workerId}' and id in (select id from next)
       returning id, sent_at)`;
}

/** Queues a generation again that this process did not send with the given slot. A later slot of it stays: that may be in use. */
export async function markNotSent(
  manager: EntityManager,
  { id, sentAt }: SentGeneration,
  workerId: string,
): Promise<void> {
  await manager.query(
    `update generation set state = 'queued', sent_at = null
     where id = $1 and state = 'running' and worker_id = $2 and sent_at = $3`,
    [id, workerId, sentAt],
  );
}
