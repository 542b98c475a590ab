import { searchWords, type GenerationFilter, type ListOrder } from '@wan-image/core';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { READS } from '../database/database.ts';
import { IN_ORDER, queryWithLimit, QueryLimitError } from '../database/limited-query.ts';
import { ApiError } from '../domain/api-error.ts';
import type { ReadScope } from '../domain/scope.ts';
import { nextId } from '../domain/uuid.ts';
import { GenerationEntity } from '../ledger/generation.entity.ts';
import { pageOf, sizedRows, type GenerationPage } from './generation-pages.repository.ts';
import { TextSearchRepository } from './text-search.repository.ts';
import type { Position } from './cursor.ts';
import {
  ALL_IDS,
  inScope,
  rangeOf,
  selectionOf,
  sourceOf,
  type Conditions,
  type IdRange,
  type SelectionInput,
} from './selection.ts';
import { SqlParameters } from './sql-parameters.ts';

/** A list: what it selects, in which order, and the place after which it continues. */
export interface ListRequest {
  readonly scope: ReadScope;
  readonly filter: GenerationFilter;
  readonly order: ListOrder;
  readonly after: Position | null;
  /** The most rows to return. */
  readonly limit: number;
}

/** No list is counted further. */
export const MAX_COUNT = 1_000;

/** How many generations of a rare part of a filter are compared one by one instead of being searched for by the index. */
const FEW = 2_000;

/** Reads which generations and images a filter selects, in the order of a list. */
@Injectable()
export class ListsRepository {
  constructor(
    @Inject(READS) private readonly dataSource: DataSource,
    private readonly texts: TextSearchRepository,
  ) {}

  /** The ids of generations. */
  async generations(request: ListRequest): Promise<readonly string[]> {
    const words = wordsOf(request.filter);
    if (words.length === 0) return this.#generations(request);
    const found: string[] = [];
    for await (const id of this.#searched(request, words)) {
      // The filter without its words, of those that contain them.
      const filter = { ...request.filter, id };
      found.push(...(await this.#generations({ ...request, filter, limit: request.limit - found.length })));
      if (found.length >= request.limit) break;
    }
    return found;
  }

  /** A page of these generations: as many as the limit says, or as fit into 8 MiB. */
  async pageOf(ids: readonly string[], limit: number): Promise<GenerationPage> {
    return pageOf(await sizedRows(this.dataSource, ids), limit);
  }

  /** The keys of images: generations in the order of the list, the images of each in theirs. */
  async images(request: ListRequest): Promise<readonly Position[]> {
    const words = wordsOf(request.filter);
    if (words.length === 0) return this.#images(request);
    const found: Position[] = [];
    for await (const id of this.#searched(request, words, true)) {
      const filter = { ...request.filter, id };
      found.push(...(await this.#images({ ...request, filter, limit: request.limit - found.length })));
      if (found.length >= request.limit) break;
    }
    return found;
  }

  /** Those of the given generations that exist in the scope, in the bin or not. */
  async existing(scope: ReadScope, ids: readonly string[]): Promise<readonly string[]> {
    const { sql, parameters } = inScope(scope);
    const rows = await this.dataSource.manager
      .createQueryBuilder(GenerationEntity, 'generation')
      .select('generation.id', 'id')
      .where('generation.id = any(:ids)', { ids })
      .andWhere(sql, parameters)
      .getRawMany<{ id: string }>();
    return rows.map(({ id }) => id);
  }

  /** How many generations, or images, a filter selects: at most {@link MAX_COUNT} and one more. */
  async count(kind: 'generations' | 'images', scope: ReadScope, filter: GenerationFilter): Promise<number> {
    const rows = await this[kind]({ scope, filter, order: 'desc', after: null, limit: MAX_COUNT + 1 });
    return rows.length;
  }

  async #generations({ scope, filter, order, after, limit }: ListRequest): Promise<readonly string[]> {
    const parameters = new SqlParameters();
    const range = behind(after, order, false);
    const { from, where, id } = selectionOf({ scope, filter, range, order }, parameters);
    const rows = await this.#query<{ id: string }>(
      filter,
      `select generation.id from ${from}\nwhere ${where}\norder by ${id} ${order} limit ${limit}`,
      parameters,
    );
    return rows.map((row) => row.id);
  }

  async #images({ scope, filter, order, after, limit }: ListRequest): Promise<readonly Position[]> {
    const parameters = new SqlParameters();
    const range = behind(after, order, true);
    const { from, where, id } = selectionOf({ scope, filter, range, order, ofImages: true }, parameters);
    const rest = after === null ? '' : `\n  and ${afterSql(after, parameters)}`;
    const rows = await this.#query<{ id: string; index: number }>(
      filter,
      `select generation.id, image.index from ${from}
where ${where}${rest}
order by ${id} ${order}, image.index limit ${limit}`,
      parameters,
    );
    return rows.map((row) => ({ generationId: row.id, index: row.index }));
  }

  /** What the index does not find is found by going through generations, which may be all of them. */
  async #query<Row>(filter: Conditions, sql: string, { values }: SqlParameters): Promise<readonly Row[]> {
    if (!mayReadMany(filter)) return this.dataSource.query<Row[]>(sql, values);
    try {
      return await queryWithLimit<Row>(this.dataSource, sql, values, { plan: IN_ORDER });
    } catch (error) {
      throw error instanceof QueryLimitError ? tooSlow(error) : error;
    }
  }

  /** The ids of generations that contain the words, newest first, in batches. */
  async *#searched(
    { scope, filter, order, after }: ListRequest,
    words: readonly string[],
    ofImages = false,
  ): AsyncGenerator<readonly string[], void, void> {
    const range = rangeOf(filter, behind(after, order, ofImages));
    const few = await this.#fewOf({ scope, filter, range, ofImages });
    if (few === null) yield* this.texts.idsOf({ scope, words, range });
    else if (few.length > 0) yield await this.texts.containing(few, words);
  }

  /** The generations of the rare part of a filter, if it has one and they are few; otherwise null. */
  async #fewOf(input: SelectionInput): Promise<readonly string[] | null> {
    const parameters = new SqlParameters();
    const source = sourceOf(input, input.range ?? ALL_IDS, parameters);
    if (source === null) return null;
    const rows = await this.dataSource.query<{ id: string }[]>(
      `select id from (${source}) as chosen limit ${FEW + 1}`,
      parameters.values,
    );
    return rows.length > FEW ? null : rows.map(({ id }) => id);
  }
}

/** The ids that follow in a list. `isIncluded`: with the generation of the position itself, more of whose images may follow. */
function behind(after: Position | null, order: ListOrder, isIncluded: boolean): IdRange {
  if (after === null) return ALL_IDS;
  const { generationId } = after;
  return order === 'desc'
    ? { from: null, before: isIncluded ? nextId(generationId) : generationId }
    : { from: isIncluded ? generationId : nextId(generationId), before: null };
}

/** Whether a page may have to go through more rows than it returns: not without a filter, nor among a number of ids. */
function mayReadMany({ id, ...parts }: Conditions): boolean {
  return id === undefined && Object.keys(parts).length > 0;
}

function tooSlow(cause: QueryLimitError): ApiError {
  const message = `The list took too long: too few generations satisfy the filter. Limit the time with created_after and created_before.`;
  return new ApiError(message, { status: 503, type: 'server_error', code: 'list_timeout', param: null }, { cause });
}

function wordsOf({ q }: GenerationFilter): readonly string[] {
  return q === undefined ? [] : searchWords(q);
}

/** Behind the image of the position: in its generation, or in a generation that comes later in the list. */
function afterSql({ generationId, index }: Position, parameters: SqlParameters): string {
  return `(generation.id <> ${parameters.add(generationId, 'uuid')} or image.index > ${parameters.add(index, 'smallint')})`;
}
