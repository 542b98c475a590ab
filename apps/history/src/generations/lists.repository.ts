import { searchWords, type GenerationFilter, type ListOrder } from '@wan-image/core';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { READS } from '../database/database.ts';
import { IN_ORDER, queryWithLimit, QueryLimitError } from '../database/limited-query.ts';
import { ApiError } from '../domain/api-error.ts';
import type { ReadScope } from '../domain/scope.ts';
import { firstIdOf, monthStartOf } from '../database/partitions.ts';
import { nextId } from '../domain/uuid.ts';
import { GenerationEntity } from '../ledger/generation.entity.ts';
import { TextSearchRepository } from './text-search.repository.ts';
import type { Position } from './cursor.ts';
import {
  ALL_IDS,
  candidatesSql,
  inScope,
  rangeOf,
  selectionOf,
  type CandidatesInput,
  type Conditions,
  type IdRange,
} from './selection.ts';
import { SqlParameters } from '../database/sql-parameters.ts';

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

/**
 * How many generations of a rare part of a filter are read together at most. If it has no more, a search compares their texts one by one,
 * instead of using its index.
 */
const FEW = 2_000;

/** How long a list may take that goes through many generations. */
const LIMIT_MS = 8_000;

/** Reads which generations and images a filter selects, in the order of a list. */
@Injectable()
export class ListsRepository {
  constructor(
    @Inject(READS) private readonly dataSource: DataSource,
    private readonly texts: TextSearchRepository,
  ) {}

  /** The ids of generations. */
  generations(request: ListRequest): Promise<readonly string[]> {
    return this.#read(request, false, (some, range) => this.#generationsIn(some, range));
  }

  /** The keys of images: generations in the order of the list, the images of each in theirs. */
  images(request: ListRequest): Promise<readonly Position[]> {
    return this.#read(request, true, (some, range) => this.#imagesIn(some, range));
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

  async #read<Row>(
    request: ListRequest,
    ofImages: boolean,
    read: (request: ListRequest, range: IdRange) => Promise<readonly Row[]>,
  ): Promise<readonly Row[]> {
    const { filter, order, after, limit } = request;
    const range = rangeOf(filter, behind(after, order, ofImages));
    const candidates = this.#candidates(request, range);
    if (candidates === null) return inMonths(request, range, read);
    const found: Row[] = [];
    for await (const id of candidates) {
      found.push(...(await read({ ...request, filter: { ...filter, id }, limit: limit - found.length }, range)));
      if (found.length >= limit) break;
    }
    return found;
  }

  /** Ids in the order of the list, in batches, among which is what it selects; null if the generations themselves are read. */
  #candidates(request: ListRequest, range: IdRange): AsyncIterable<readonly string[]> | null {
    const { filter, limit } = request;
    const words = filter.q === undefined ? [] : searchWords(filter.q);
    if (words.length > 0) return this.#searched({ ...request, range }, words);
    const hasCandidates =
      filter.id === undefined && candidatesSql({ ...request, range }, 1, new SqlParameters()) !== null;
    return hasCandidates ? this.#rare({ ...request, range }, 2 * limit) : null;
  }

  async #generationsIn({ scope, filter, order, limit }: ListRequest, range: IdRange): Promise<readonly string[]> {
    const parameters = new SqlParameters();
    const { from, where, id } = selectionOf({ scope, filter, range, order }, parameters);
    const rows = await this.#query<{ id: string }>(
      filter,
      `select generation.id from ${from}\nwhere ${where}\norder by ${id} ${order} limit ${limit}`,
      parameters,
    );
    return rows.map((row) => row.id);
  }

  async #imagesIn({ scope, filter, order, after, limit }: ListRequest, range: IdRange): Promise<readonly Position[]> {
    const parameters = new SqlParameters();
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
    return this.#queryWithLimit<Row>(sql, values, IN_ORDER);
  }

  async #queryWithLimit<Row>(sql: string, values: readonly unknown[], plan: string): Promise<readonly Row[]> {
    try {
      return await queryWithLimit<Row>(this.dataSource, sql, values, { limitMs: LIMIT_MS, plan });
    } catch (error) {
      throw error instanceof QueryLimitError ? tooSlow(error) : error;
    }
  }

  /** The ids of generations that contain the words, newest first, in batches. */
  async *#searched(input: CandidatesInput, words: readonly string[]): AsyncGenerator<readonly string[], void, void> {
    const { scope, filter, range } = input;
    const few = filter.id ?? (await this.#candidateIds(input, FEW + 1));
    if (few === null || few.length > FEW) yield* this.texts.idsOf({ scope, words, range });
    else if (few.length > 0) yield await this.texts.containing(few, words);
  }

  /** The ids of the rare part of a filter, in batches: the first is enough if most of them satisfy the rest of the filter. */
  async *#rare(input: CandidatesInput, size: number): AsyncGenerator<readonly string[], void, void> {
    const deadline = performance.now() + LIMIT_MS;
    let { range } = input;
    for (let limit = Math.min(size, FEW); ; limit = Math.min(4 * limit, FEW)) {
      if (performance.now() > deadline) throw tooSlow();
      const ids = (await this.#candidateIds({ ...input, range }, limit)) ?? [];
      const last = ids.at(-1);
      if (last === undefined) return;
      yield ids;
      if (ids.length < limit) return;
      range = input.order === 'desc' ? { ...range, before: last } : { ...range, from: nextId(last) };
    }
  }

  async #candidateIds(input: CandidatesInput, limit: number): Promise<readonly string[] | null> {
    const parameters = new SqlParameters();
    const sql = candidatesSql(input, limit, parameters);
    if (sql === null) return null;
    const { derived_from, image_sha256, tag = [] } = input.filter;
    // The others are read in the order of their index.
    const isSearched = derived_from !== undefined || image_sha256 !== undefined || tag.length > 1;
    const rows = await (isSearched
      ? this.#queryWithLimit<{ id: string }>(sql, parameters.values, '')
      : this.dataSource.query<{ id: string }[]>(sql, parameters.values));
    return rows.map(({ id }) => id);
  }
}

/**
 * Reads the newest months of a range first, and the others only if the page is not full then: to plan a statement over all months takes
 * longer than to read a page.
 */
async function inMonths<Row>(
  request: ListRequest,
  range: IdRange,
  read: (request: ListRequest, range: IdRange) => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  const { filter, order, limit } = request;
  // The end of a list may be in any month, and ids say in which they are.
  if (order === 'asc' || filter.id !== undefined) return read(request, range);
  const start = monthStartOf(monthStartOf(range.before ?? firstIdOf(new Date())));
  if (range.from !== null && range.from >= start) return read(request, range);
  const newest = await read(request, { from: start, before: range.before });
  if (newest.length >= limit) return newest;
  const others = await read({ ...request, limit: limit - newest.length }, { from: range.from, before: start });
  return [...newest, ...others];
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

function tooSlow(cause?: QueryLimitError): ApiError {
  const message = `The list took too long: too few generations satisfy the filter. Limit the time with created_after and created_before.`;
  return new ApiError(message, { status: 503, type: 'server_error', code: 'list_timeout', param: null }, { cause });
}

/** Behind the image of the position: in its generation, or in a generation that comes later in the list. */
function afterSql({ generationId, index }: Position, parameters: SqlParameters): string {
  return `(generation.id <> ${parameters.add(generationId, 'uuid')} or image.index > ${parameters.add(index, 'smallint')})`;
}
