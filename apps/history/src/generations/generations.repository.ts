import type { ListQuery } from '@wan-image/core';
import { Any, DataSource, type EntityManager, In, IsNull, LessThan, MoreThan, Not } from 'typeorm';
import { Injectable } from '@nestjs/common';
import { GroupCommit } from '../database/group-commit.ts';
import { CommitUnknown } from '../ledger/commit-unknown.ts';
import { GenerationImageEntity, type NewImage } from '../ledger/generation-image.entity.ts';
import { GenerationEntity } from '../ledger/generation.entity.ts';
import { IdempotencyKeyEntity } from '../ledger/idempotency-key.entity.ts';
import type { ImageKey } from '../domain/image-key.ts';
import {
  endRows,
  insertRows,
  recordImages,
  settleImages,
  type EndedRows,
  type NewRows,
  type RecordedEnd,
  type SettledImage,
} from '../ledger/generation-rows.repository.ts';
import type { Reservation } from '../spending/reservation.ts';
import { reserveSpend, settleSpend } from '../spending/spend.repository.ts';

/** A generation with all its images. */
export interface GenerationWithImages {
  readonly generation: GenerationEntity;
  /** Inputs and results, each in order. */
  readonly images: readonly GenerationImageEntity[];
}

/** Runs a statement within the transaction that is under way. */
export type RunSql = (sql: string, values?: unknown[]) => Promise<{ readonly rows: unknown[] }>;

/** A key that is to stand for a new generation, unless it stands for another since `validFrom`, or for one that has not ended. */
export interface KeyClaim extends Pick<IdempotencyKeyEntity, 'projectId' | 'key'> {
  readonly validFrom: Date;
}

/** Whether the time of a key is over: not while its generation waits or runs, however long that takes, or it would be made twice. */
const KEY_EXPIRED = `idempotency_key.created_at < :validFrom and not exists (
  select from generation where generation.id = idempotency_key.generation_id and generation.state in ('queued', 'running'))`;

/** A generation, and what was set aside for it; null where it has no price. */
export type Priced = Pick<GenerationEntity, 'id' | 'reserved'>;

/** A generation that its process has not sent: it has it still, or nobody has taken it up. */
export interface Unsent {
  readonly workerId: string | null;
}

/** An input that was given as a URL, and is to be fetched from there now. */
export interface DueInput extends ImageKey {
  readonly sourceUrl: string;
  /** With this one. */
  readonly tries: number;
}

/** Every query on generations and their images. */
@Injectable()
export class GenerationsRepository {
  readonly #dataSource: DataSource;
  readonly #beginnings: GroupCommit<NewRows, void>;
  readonly #endings: GroupCommit<EndedRows, boolean>;
  readonly #settlings: GroupCommit<SettledImage, void>;

  constructor(dataSource: DataSource) {
    this.#dataSource = dataSource;
    // Without those that bring a key: it may be taken by somebody slow, and a group waits for each of its rows.
    this.#beginnings = new GroupCommit<NewRows, void>(async (rows) => {
      await insertRows(dataSource.manager, rows);
      return rows.map(() => undefined);
    });
    this.#endings = new GroupCommit(async (rows) => {
      const counting = await endRows(dataSource.manager, rows);
      return rows.map(({ id }) => counting.has(id));
    });
    this.#settlings = new GroupCommit<SettledImage, void>(async (images) => {
      await settleImages(dataSource.manager, images);
      return images.map(() => undefined);
    });
  }

  /**
   * The row and its input images, together with the key that stands for them. Returns null; or, where the key is taken, what it stands
   * for, and then nothing was written. Throws `SpendLimitReached`, and then nothing was written either, or `CommitUnknown`. Two that come
   * at once wait for each other in the database, whichever replica they reach.
   */
  async insert(
    generation: GenerationEntity,
    inputs: readonly NewImage[],
    claim: KeyClaim | null,
    reservation: Reservation | null,
    together?: (id: string, sql: RunSql) => Promise<void>,
  ): Promise<IdempotencyKeyEntity | null> {
    if (claim === null && reservation === null && !together) {
      await this.#beginnings.add({ generation, inputs });
      return null;
    }
    let isWritten = false;
    try {
      return await this.#dataSource.transaction(async (manager) => {
        const taken = claim && (await takenKey(manager, claim, generation));
        if (taken) return taken;
        if (reservation) await reserveSpend(manager, reservation);
        await insertRows(manager, [{ generation, inputs }]);
        await together?.(generation.id, sqlOf(manager));
        isWritten = true;
        return null;
      });
    } catch (error) {
      throw isWritten ? new CommitUnknown(generation.id, { cause: error }) : error;
    }
  }

  /**
   * The ending and the result images, together. Returns whether it counts: a generation ends once. That it was interrupted was only a
   * guess of another process, so a true ending takes its place; but where a person has resolved that meanwhile, only one that knows what
   * it cost.
   */
  async finish(
    { id, reserved }: Priced,
    ending: RecordedEnd,
    results: readonly NewImage[],
    unsent?: Unsent,
  ): Promise<boolean> {
    if (reserved === null && !unsent) return this.#endings.add({ id, ending, results });
    return this.#dataSource.transaction(async (manager) => {
      if (unsent && !(await isUnsent(manager, id, unsent))) return false;
      if (!(await endRows(manager, [{ id, ending, results }])).has(id)) return false;
      // After the key, which the end has freed: requests take both in that order.
      await settleSpend(manager, [id]);
      return true;
    });
  }

  /** Result images of a generation that may not have ended. What is recorded already stays as it is. */
  async addImages(id: string, results: readonly NewImage[]): Promise<void> {
    await recordImages(this.#dataSource.manager, id, results);
  }

  /** What is under way for the same request, newest first: a caller that sends again means its last. */
  async findRunning(projectId: string, fingerprint: string): Promise<string | null> {
    const found = await this.#dataSource.manager.findOne(GenerationEntity, {
      select: { id: true },
      where: { projectId, fingerprint, state: In(['queued', 'running']) },
      order: { id: 'DESC' },
    });
    return found?.id ?? null;
  }

  async findKey(projectId: string, key: string, validFrom: Date): Promise<IdempotencyKeyEntity | null> {
    return this.#dataSource.manager
      .createQueryBuilder(IdempotencyKeyEntity, 'idempotency_key')
      .where({ projectId, key })
      .andWhere(`not (${KEY_EXPIRED})`, { validFrom })
      .getOne();
  }

  /** Whether a generation has ended, in one small query: somebody asks again and again. */
  async hasEnded(id: string): Promise<boolean> {
    return this.#dataSource.manager.existsBy(GenerationEntity, { id, finishedAt: Not(IsNull()) });
  }

  /** Those from before `validFrom`, but not of what has not ended. */
  async forgetKeys(validFrom: Date): Promise<void> {
    await this.#dataSource.manager
      .createQueryBuilder()
      .delete()
      .from(IdempotencyKeyEntity)
      .where(KEY_EXPIRED, { validFrom })
      .execute();
  }

  /** Newest first, of one project, by its index: ids sort by time. One more than asked for tells whether there is more. */
  async list(
    projectId: string,
    { limit, cursor }: ListQuery,
  ): Promise<{ found: GenerationWithImages[]; hasMore: boolean }> {
    const generations = await this.#dataSource.manager.find(GenerationEntity, {
      where: { projectId, ...(cursor === undefined ? {} : { id: LessThan(cursor) }) },
      order: { id: 'DESC' },
      take: limit + 1,
    });
    const page = generations.slice(0, limit);
    return { found: await this.#withImages(page), hasMore: generations.length > limit };
  }

  async get(id: string): Promise<GenerationWithImages | null> {
    const generation = await this.#dataSource.manager.findOneBy(GenerationEntity, { id });
    return generation && ((await this.#withImages([generation]))[0] ?? null);
  }

  async getMany(ids: readonly string[]): Promise<GenerationWithImages[]> {
    return this.#withImages(await this.#dataSource.manager.findBy(GenerationEntity, { id: In([...ids]) }));
  }

  /** Those of these ids, any number of them, for which there is a row. */
  async existingIds(ids: readonly string[]): Promise<ReadonlySet<string>> {
    const found = await this.#dataSource.manager.find(GenerationEntity, {
      select: { id: true },
      // In one parameter: a statement has at most 65,535.
      where: { id: Any([...ids]) },
    });
    return new Set(found.map(({ id }) => id));
  }

  /** Whose it is; null where there is none. */
  async projectOf(id: string): Promise<string | null> {
    const found = await this.#dataSource.manager.findOne(GenerationEntity, {
      select: { projectId: true },
      where: { id },
    });
    return found?.projectId ?? null;
  }

  async getImage({ generationId, role, index }: ImageKey): Promise<GenerationImageEntity | null> {
    return this.#dataSource.manager.findOneBy(GenerationImageEntity, { generationId, role, index });
  }

  /** What became of a pending image. One that another replica has kept meanwhile stays as it is. */
  settleImage(key: ImageKey, changes: Partial<NewImage>): Promise<void> {
    return this.#settlings.add({ key, changes });
  }

  /** Results that are paid for and not yet kept, oldest first: their URLs die first. `after` is the generation to go on from. */
  async pendingImages(after: string | null, limit: number): Promise<GenerationImageEntity[]> {
    return this.#dataSource.manager.find(GenerationImageEntity, {
      where: {
        role: 'output',
        state: 'pending',
        sourceUrl: Not(IsNull()),
        ...(after === null ? {} : { generationId: MoreThan(after) }),
      },
      order: { generationId: 'ASC', index: 'ASC' },
      take: limit,
    });
  }

  /**
   * Takes inputs whose next try is due, those that have waited longest first: no other process gets them before the pause after this try
   * is over. `pausesS` are in seconds, the last for all tries beyond.
   */
  async takeDueInputs(limit: number, pausesS: readonly number[]): Promise<readonly DueInput[]> {
    const [rows] = await this.#dataSource.manager.query<[DueInput[], number]>(
      `with due as (
         select generation_id, role, index from generation_image
         where state = 'pending' and role = 'input' and try_at <= now()
         order by try_at limit $1 for update skip locked)
       update generation_image as image
       set tries = tries + 1,
         try_at = now() + ($2::int[])[least(tries + 1, cardinality($2::int[]))] * interval '1 second'
       from due
       where image.generation_id = due.generation_id and image.role = due.role and image.index = due.index
       returning image.generation_id as "generationId", image.role, image.index, image.source_url as "sourceUrl", image.tries`,
      [limit, pausesS],
    );
    return rows;
  }

  /** One query for the images of a whole page. */
  async #withImages(generations: readonly GenerationEntity[]): Promise<GenerationWithImages[]> {
    if (generations.length === 0) return [];
    const images = await this.#dataSource.manager.find(GenerationImageEntity, {
      where: { generationId: In(generations.map(({ id }) => id)) },
    });
    // Some dozens of rows: sorted here, not by the database.
    const byGeneration = Map.groupBy(
      images.toSorted((one, other) => one.index - other.index),
      (image) => image.generationId,
    );
    return generations.map((generation) => ({ generation, images: byGeneration.get(generation.id) ?? [] }));
  }
}

/** As the queue of jobs takes it, so that a job is committed with its row or not at all. */
function sqlOf(manager: EntityManager): RunSql {
  return async (sql, values) => {
    const result = await manager.queryRunner?.query(sql, values, true);
    return { rows: (result?.records ?? []) as unknown[] };
  };
}

/** The key is taken for the generation, or what it stands for already. */
async function takenKey(
  manager: EntityManager,
  { projectId, key, validFrom }: KeyClaim,
  { id, fingerprint, createdAt }: GenerationEntity,
): Promise<IdempotencyKeyEntity | null> {
  // Another replica may free it between the two looks; then it is there to be taken.
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
    const taken = await manager.findOneBy(IdempotencyKeyEntity, { projectId, key });
    if (taken !== null) return taken;
  }
}

/** Looks under a lock: another process that takes it up waits for what is decided here, and then finds it ended. */
async function isUnsent(manager: EntityManager, id: string, { workerId }: Unsent): Promise<boolean> {
  const rows = await manager.query<unknown[]>(
    `select id from generation
     where id = $1 and (worker_id = $2 or (worker_id is null and state = 'queued')) for update`,
    [id, workerId],
  );
  return rows.length > 0;
}
