import type { EntityManager } from 'typeorm';
import type { GenerationEntity } from './generation.entity.ts';
import { IdempotencyKeyEntity } from './idempotency-key.entity.ts';

/** A key to claim for a new generation, unless it has belonged to another since `validFrom`, or to one that has not ended. */
export interface KeyClaim extends Pick<IdempotencyKeyEntity, 'projectId' | 'key'> {
  readonly validFrom: Date;
}

/** A key does not expire while its generation is queued or running, however long that takes, or the request would be generated twice. */
const KEY_EXPIRED = `idempotency_key.created_at < :validFrom and not exists (
  select from generation where generation.id = idempotency_key.generation_id and generation.state in ('queued', 'running'))`;

/** The generation of a key; null if there is none. */
export function findKey(
  manager: EntityManager,
  { projectId, key, validFrom }: KeyClaim,
): Promise<IdempotencyKeyEntity | null> {
  return manager
    .createQueryBuilder(IdempotencyKeyEntity, 'idempotency_key')
    .where({ projectId, key })
    .andWhere(`not (${KEY_EXPIRED})`, { validFrom })
    .getOne();
}

/** Claims the key for the generation and returns null, or returns the existing entry of the key. */
export async function claimKey(
  manager: EntityManager,
  { projectId, key, validFrom }: KeyClaim,
  { id, fingerprint, createdAt }: GenerationEntity,
): Promise<IdempotencyKeyEntity | null> {
  // Another replica may release the key between the insert and the lookup; then it can be claimed.
  for (;;) {
    await manager
      .createQueryBuilder()
      .delete()
      .from(IdempotencyKeyEntity)
      .where({ projectId, key })
      .andWhere(KEY_EXPIRED, { validFrom })
      .execute();
    const inserted = await manager
      .createQueryBuilder()
      .insert()
      .into(IdempotencyKeyEntity)
      .values({ projectId, key, fingerprint: fingerprint ?? '', generationId: id, createdAt })
      .orIgnore()
      .returning('generation_id')
      .execute();
    if ((inserted.raw as unknown[]).length > 0) return null;
    const existing = await manager.findOneBy(IdempotencyKeyEntity, { projectId, key });
    if (existing !== null) return existing;
  }
}

/** Deletes keys created before `validFrom`, except those of generations that have not ended. */
export async function deleteExpiredKeys(manager: EntityManager, validFrom: Date): Promise<void> {
  await manager.createQueryBuilder().delete().from(IdempotencyKeyEntity).where(KEY_EXPIRED, { validFrom }).execute();
}
