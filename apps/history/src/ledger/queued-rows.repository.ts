import type { EntityManager } from 'typeorm';
import { isAliveSql } from './end-generations.repository.ts';

/** A generation that was sent: committed before its first byte leaves. */
export interface SentGeneration {
  readonly id: string;
  readonly sentAt: Date;
}

/** Takes a queued generation for a process, unless another living process has it. */
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

/** Commits that a generation is sent; null where the process does not have it any more. */
export async function markSent(manager: EntityManager, id: string, workerId: string): Promise<Date | null> {
  const [rows] = await manager.query<[{ sent_at: Date }[], number]>(
    `update generation set state = 'running', sent_at = clock_timestamp()
     where id = $1 and state = 'queued' and worker_id = $2 returning sent_at`,
    [id, workerId],
  );
  return rows[0]?.sent_at ?? null;
}

/**
 * Commits that the next generations of a process are sent, in the transaction that has found so many slots free. Projects take turns,
 * so a hundred of one hold up another's by one; what belongs to another process is left to it. Whose a row is, the update itself asks:
 * of a row that changes hands meanwhile it sees the new owner, and `next` the old one.
 */
export async function markNextSent(
  manager: EntityManager,
  workerId: string,
  slots: number,
  leaseMs: number,
): Promise<readonly SentGeneration[]> {
  // `now()` would be when the transaction began to wait for its lock, before what made room had ended.
  const [rows] = await manager.query<[{ id: string; sent_at: Date }[], number]>(
    `with running as (select project_id, count(*) as count from generation where state = 'running' group by project_id),
     waiting as (
       select id, worker_id,
         coalesce(running.count, 0) + row_number() over (partition by generation.project_id order by id) as turn
       from generation left join running using (project_id)
       where state = 'queued' and ${isAliveSql('$1')}),
     next as (select id, worker_id from waiting order by turn, id limit $2)
     update generation set state = 'running', sent_at = clock_timestamp()
     where state = 'queued' and worker_id = $3 and id in (select id from next)
     returning id, sent_at`,
    [leaseMs, slots, workerId],
  );
  return rows.map(({ id, sent_at }) => ({ id, sentAt: sent_at }));
}

/** Queues again what this process was to send with this slot and did not. A later slot is another: that may be in use. */
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
