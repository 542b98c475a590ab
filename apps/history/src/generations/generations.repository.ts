import { DataSource, In, IsNull } from 'typeorm';
import { Inject, Injectable } from '@nestjs/common';
import { READS } from '../database/database.ts';
import type { ImageKey } from '../domain/image-key.ts';
import type { ReadScope } from '../domain/scope.ts';
import { GenerationImageEntity } from '../ledger/generation-image.entity.ts';
import { GenerationEntity } from '../ledger/generation.entity.ts';
import { whereOf, type GenerationFilter } from './generation-filter.ts';
import { pageOf, pageRows, type GenerationPage } from './generation-pages.repository.ts';

/** A generation with all its images. */
export interface GenerationWithImages {
  readonly generation: GenerationEntity;
  /** Inputs and outputs, each in order. */
  readonly images: readonly GenerationImageEntity[];
}

/** The columns of a generation of which its events tell: not its request, which may be large. */
const WATCHED = { id: true, state: true, outcome: true, error: true, resolvedAt: true, finishedAt: true } as const;

/** A generation that is watched, with all its images. */
export interface WatchedGeneration {
  readonly generation: Pick<GenerationEntity, keyof typeof WATCHED>;
  readonly images: readonly GenerationImageEntity[];
}

/** All reads of generations and their images. Methods with a {@link ReadScope} serve callers; the others serve the service itself. */
@Injectable()
export class GenerationsRepository {
  constructor(@Inject(READS) private readonly dataSource: DataSource) {}

  /** Which records a page has, newest first: as many as the limit says, or as fit into 8 MiB. */
  async page(scope: ReadScope, filter: GenerationFilter, limit: number): Promise<GenerationPage> {
    return pageOf(await pageRows(this.dataSource, scope, filter, limit), limit);
  }

  /** Null if there is none within the scope. */
  async get(scope: ReadScope, id: string): Promise<GenerationWithImages | null> {
    const { sql, parameters } = whereOf(scope);
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

  /** Its prompt; null if there is none within the scope. */
  async promptOf(scope: ReadScope, id: string): Promise<string | null> {
    const { sql, parameters } = whereOf(scope);
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
    const { sql, parameters } = whereOf(scope);
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

  async find(id: string): Promise<GenerationWithImages | null> {
    return (await this.findMany([id]))[0] ?? null;
  }

  async findMany(ids: readonly string[]): Promise<GenerationWithImages[]> {
    return this.#withImages(await this.dataSource.manager.findBy(GenerationEntity, { id: In([...ids]) }));
  }

  /** What events tell of these generations. Without their requests, because it is polled for all that are watched. */
  async findWatched(ids: readonly string[]): Promise<WatchedGeneration[]> {
    const where = { id: In([...ids]) };
    return this.#withImages(await this.dataSource.manager.find(GenerationEntity, { select: WATCHED, where }));
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
