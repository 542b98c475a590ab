import type { EntityManager } from 'typeorm';
import type { GenerationEntity } from './generation.entity.ts';
import { IdempotencyKeyEntity } from './idempotency-key.entity.ts';

/** A key that is to stand for a new generation, unless it stands for another since `validFrom`, or for one that has not ended. */
export interface KeyClaim extends Pick<IdempotencyKeyEntity, 'projectId' | 'key'> {
  readonly validFrom: Date;
}

/** Not while its generation waits or runs, however long that takes, or it would be generated twice. */
const KEY_EXPIRED = `idempotency_key.created_at < :validFrom and not exists (
  select from generation where generation.id = idempotency_key.generation_id and generation.state in ('queued', 'running'))`;

/** The generation that a key stands for; null where it stands for none. */
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

/** Claims the key for the generation, and returns null; or returns what it stands for already. */
export async function claimKey(
  manager: EntityManager,
  { projectId, key, validFrom }: KeyClaim,
  { id, fingerprint, createdAt }: GenerationEntity,
): Promise<IdempotencyKeyEntity | null> {
  // Another replica may free it between the insert and the look; then it is there to be claimed.
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

/** Deletes keys from before `validFrom`, but not those of what has not ended. */
export async function deleteExpiredKeys(manager: EntityManager, validFrom: Date): Promise<void> {
  await manager.createQueryBuilder().delete().from(IdempotencyKeyEntity).where(KEY_EXPIRED, { validFrom }).execute();
}
