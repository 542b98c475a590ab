import type { EntityManager } from 'typeorm';
import { KEY_VALID_FROM_SQL } from '../domain/repetition.ts';
import type { GenerationEntity } from './generation.entity.ts';
import { IdempotencyKeyEntity } from './idempotency-key.entity.ts';

/** A key to claim for a new generation, unless it belongs to another that is less than a day old or has not ended. */
export type KeyClaim = Pick<IdempotencyKeyEntity, 'projectId' | 'key'>;

/** A key does not expire while its generation is queued or running, however long that takes. */
const HAS_ENDED = `not exists (
  select from generation where generation.id = idempotency_key.generation_id and generation.state in ('queued', 'running'))`;

/** The generation of a key; null if there is none. */
export function findKey(manager: EntityManager, { projectId, key }: KeyClaim): Promise<IdempotencyKeyEntity | null> {
  return manager
    .createQueryBuilder(IdempotencyKeyEntity, 'idempotency_key')
    .where({ projectId, key })
    .andWhere(`not (idempotency_key.created_at < ${KEY_VALID_FROM_SQL} and ${HAS_ENDED})`)
    .getOne();
}

/** Claims the key for the generation and returns null, or returns the existing entry of the key. */
export async function claimKey(
  manager: EntityManager,
  { projectId, key }: KeyClaim,
  { id, fingerprint }: GenerationEntity,
): Promise<IdempotencyKeyEntity | null> {
  // Another replica may release the key between the insert and the lookup; then it can be claimed.
  for (;;) {
    await manager.query(
      `delete from idempotency_key where project_id = $1 and key = $2 and created_at < ${KEY_VALID_FROM_SQL} and ${HAS_ENDED}`,
      [projectId, key],
    );
    const inserted = await manager.query<unknown[]>(
      `insert into idempotency_key (project_id, key, fingerprint, generation_id, created_at)
       values ($1, $2, $3, $4, now()) on conflict do nothing returning generation_id`,
      [projectId, key, fingerprint ?? '', id],
    );
    if (inserted.length > 0) return null;
    const existing = await manager.findOneBy(IdempotencyKeyEntity, { projectId, key });
    if (existing !== null) return existing;
  }
}

/** Deletes expired keys. */
export async function deleteExpiredKeys(manager: EntityManager): Promise<void> {
  await manager.query(`delete from idempotency_key where created_at < ${KEY_VALID_FROM_SQL} and ${HAS_ENDED}`);
}
