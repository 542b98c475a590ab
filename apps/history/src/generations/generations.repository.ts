import { DataSource, In, IsNull } from 'typeorm';
import { Inject, Injectable } from '@nestjs/common';
import { READS } from '../database/database.ts';
import type { ImageKey } from '../domain/image-key.ts';
import type { ReadScope } from '../domain/scope.ts';
import { GenerationImageEntity } from '../ledger/generation-image.entity.ts';
import { GenerationEntity } from '../ledger/generation.entity.ts';
import { inScope } from './selection.ts';

/** A generation with all its images. */
export interface GenerationWithImages {
  readonly generation: GenerationEntity;
  /** Inputs and outputs, each in order. */
  readonly images: readonly GenerationImageEntity[];
}

/** All reads of generations and their images. Methods with a {@link ReadScope} serve callers; the others serve the service itself. */
/** What a request is made from: a generation that it makes again, or an image of this service. */
export type Origin = { readonly generationId: string } | { readonly imageId: string };

@Injectable()
export class GenerationsRepository {
  constructor(@Inject(READS) private readonly dataSource: DataSource) {}

  /** Null if there is none within the scope. */
  async get(scope: ReadScope, id: string): Promise<GenerationWithImages | null> {
    const { sql, parameters } = inScope(scope);
    const generation = await this.dataSource.manager
      .createQueryBuilder(GenerationEntity, 'generation')
      .where('generation.id = :id', { id })
      .andWhere(sql, parameters)
      .getOne();
    return generation && ((await this.#withImages([generation]))[0] ?? null);
  }

  /** Whether it exists within the scope. */
  async has(scope: ReadScope, id: string): Promise<boolean> {
    return (await this.promptOf(scope, id)) !== null;
  }

  /** Whether a generation was made from this. */
  async isMadeFrom(id: string, origin: Origin): Promise<boolean> {
    const rows = await ('generationId' in origin
      ? this.dataSource.query<unknown[]>(
          `select from derivation where child_id = $1 and parent_id = $2 and kind = 'rerun'`,
          [id, origin.generationId],
        )
      : this.dataSource.query<unknown[]>(
          `select from generation_image where generation_id = $1 and role = 'input' and from_image = $2`,
          [id, origin.imageId],
        ));
    return rows.length > 0;
  }

  /** Its prompt; null if there is none within the scope. */
  async promptOf(scope: ReadScope, id: string): Promise<string | null> {
    const { sql, parameters } = inScope(scope);
    const found = await this.dataSource.manager
      .createQueryBuilder(GenerationEntity, 'generation')
      .select(['generation.id', 'generation.prompt'])
      .where('generation.id = :id', { id })
      .andWhere(sql, parameters)
      .getOne();
    return found?.prompt ?? null;
  }

  /**
   * The newest generation of the same request whose result is repeated to a client that sends the request again by itself: its outcome has
   * been unknown for less than `windowMs`, by the database's clock. For an SDK that says that it retries, also one in flight whose response
   * nobody holds: a replica of the version before has recorded it.
   */
  async findRepeatable(
    scope: ReadScope,
    { apiKeyId, fingerprint }: Pick<GenerationEntity, 'apiKeyId' | 'fingerprint'>,
    windowMs: number,
    isRetry: boolean,
  ): Promise<string | null> {
    const { sql, parameters } = inScope(scope);
    const equal = this.dataSource.manager
      .createQueryBuilder(GenerationEntity, 'generation')
      .select('generation.id')
      .where(sql, parameters)
      .andWhere('generation.fingerprint = :fingerprint', { fingerprint })
      .andWhere('generation.api_key_id is not distinct from :apiKeyId', { apiKeyId })
      .orderBy('generation.id', 'DESC')
      .limit(1);
    const unknown = await equal
      .clone()
      .andWhere(`generation.outcome = 'unknown'`)
      .andWhere(`generation.finished_at > now() - :windowMs::int * interval '1 millisecond'`, { windowMs })
      .getOne();
    if (unknown !== null || !isRetry) return unknown?.id ?? null;
    const inFlight = await equal
      .andWhere(`generation.state in ('queued', 'running')`)
      .andWhere('not exists (select from open_response where open_response.generation_id = generation.id)')
      .andWhere('not exists (select from idempotency_key where idempotency_key.generation_id = generation.id)')
      .getOne();
    return inFlight?.id ?? null;
  }

  /** Whether a generation exists and is not in the bin. */
  isShown(id: string): Promise<boolean> {
    return this.dataSource.manager.existsBy(GenerationEntity, { id, deletedAt: IsNull() });
  }

  async find(id: string): Promise<GenerationWithImages | null> {
    return (await this.findMany([id]))[0] ?? null;
  }

  /** The existing ones, in the order of the ids. */
  async findMany(ids: readonly string[]): Promise<GenerationWithImages[]> {
    const found = await this.#withImages(await this.dataSource.manager.findBy(GenerationEntity, { id: In([...ids]) }));
    const byId = new Map(found.map((one) => [one.generation.id, one]));
    return ids.flatMap((id) => byId.get(id) ?? []);
  }

  /** Which of these generations have ended or no longer exist. One small query, because it is polled. */
  async endedOf(ids: readonly string[]): Promise<ReadonlySet<string>> {
    const open = await this.dataSource.manager.find(GenerationEntity, {
      select: { id: true },
      where: { id: In([...ids]), finishedAt: IsNull() },
    });
    const isOpen = new Set(open.map(({ id }) => id));
    return new Set(ids.filter((id) => !isOpen.has(id)));
  }

  async findImage({ generationId, role, index }: ImageKey): Promise<GenerationImageEntity | null> {
    return this.dataSource.manager.findOneBy(GenerationImageEntity, { generationId, role, index });
  }

  /** An image, and whether it is in the bin, by itself or with its generation. */
  async findShown(
    key: ImageKey,
  ): Promise<{ readonly image: GenerationImageEntity; readonly isBinned: boolean } | null> {
    const { entities, raw } = await this.dataSource.manager
      .createQueryBuilder(GenerationImageEntity, 'image')
      .innerJoin(GenerationEntity, 'generation', 'generation.id = image.generation_id')
      .addSelect('generation.deleted_at is not null or image.deleted_at is not null', 'is_binned')
      .where('image.generation_id = :generationId and image.role = :role and image.index = :index', { ...key })
      .getRawAndEntities<{ is_binned: boolean }>();
    const [image] = entities;
    return image === undefined ? null : { image, isBinned: raw[0]?.is_binned === true };
  }

  /** Reads the images of a whole page in one query. */
  async #withImages(generations: readonly GenerationEntity[]): Promise<GenerationWithImages[]> {
    if (generations.length === 0) return [];
    const images = await this.dataSource.manager.find(GenerationImageEntity, {
      where: { generationId: In(generations.map(({ id }) => id)) },
    });
    // A few dozen rows: sorted here, not by the database.
    const byGeneration = Map.groupBy(
      images.toSorted((one, other) => one.index - other.index),
      (image) => image.generationId,
    );
    return generations.map((generation) => ({ generation, images: byGeneration.get(generation.id) ?? [] }));
  }
}
