import { Inject, Injectable, Optional } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { READS } from '../database/database.ts';
import { queryWithLimit, QueryLimitError } from '../database/limited-query.ts';
import { monthStartOf } from '../database/partitions.ts';
import { ApiError } from '../domain/api-error.ts';
import { ALL_PROJECTS, type ReadScope } from '../domain/scope.ts';
import { queryOf } from '../domain/search-terms.ts';

/** Ids between which to search: `before` is exclusive, `from` inclusive; null without a bound. */
export interface SearchRange {
  readonly from: string | null;
  readonly before: string | null;
}

export interface TextSearchInput {
  readonly scope: ReadScope;
  /** In their normal form; at least one. */
  readonly words: readonly string[];
  readonly range: SearchRange;
}

/** Injection token, for tests, of the number of the newest texts that are compared before the index is used. */
const NEWEST_TEXTS = Symbol('NEWEST_TEXTS');

/** A frequent word is found among the newest texts at once, and slowly by the index. */
const NEWEST = 3_000;

/** How many ids the first step returns at most; each further one twice as many, up to the maximum. */
const FIRST_BATCH = 128;
const MAX_BATCH = 2_048;

/** How many months one statement searches at most. */
const MAX_MONTHS = 8;

/** How long a search may take. */
const SEARCH_LIMIT_MS = 10_000;

const TERMS = '(prompt_terms || revised_terms || notes_terms)';

/** Finds texts that contain words. Which of their generations a caller may see, and what else they have to satisfy, is not decided here. */
@Injectable()
export class TextSearchRepository {
  constructor(
    @Inject(READS) private readonly dataSource: DataSource,
    @Optional() @Inject(NEWEST_TEXTS) private readonly newest: number = NEWEST,
  ) {}

  /**
   * Yields the ids of all generations whose texts contain every word, newest first, in batches. First the newest texts are compared one by
   * one, then the index is used month by month, so that a search that is satisfied early reads no more. What is not is rare: each step
   * covers twice as many months as the one before.
   */
  async *idsOf(input: TextSearchInput): AsyncGenerator<readonly string[], void, void> {
    const deadline = performance.now() + SEARCH_LIMIT_MS;
    const batch = { size: FIRST_BATCH };
    let { before } = input.range;
    const newest = await this.#newestOf(input);
    yield* this.#segment(newestSql, input, { from: newest ?? input.range.from, before }, batch, deadline);
    // Without one, all texts were compared.
    if (newest === null) return;
    before = newest;
    const oldest = (await this.#oldestOf(input)) ?? newest;
    for (let months = 1; before !== null && before > oldest; months = Math.min(months * 2, MAX_MONTHS)) {
      let start: string = before;
      for (let month = 0; month < months; month++) start = monthStartOf(start);
      const from: string = input.range.from !== null && input.range.from > start ? input.range.from : start;
      yield* this.#segment(indexSql, input, { from, before }, batch, deadline);
      before = from === start ? start : null;
    }
  }

  /** Those of the given ids, at most some thousands, whose texts contain every word: newest first. */
  async containing(ids: readonly string[], words: readonly string[]): Promise<readonly string[]> {
    const values: unknown[] = [ids];
    return this.#idsOf(
      `select generation_id as id from generation_text
       where generation_id = any($1::uuid[]) and ${containsSql(words, values)} order by generation_id desc`,
      values,
    );
  }

  async *#segment(
    sqlOf: typeof newestSql,
    input: TextSearchInput,
    range: SearchRange,
    batch: { size: number },
    deadline: number,
  ): AsyncGenerator<readonly string[], void, void> {
    let { before } = range;
    for (;;) {
      if (performance.now() > deadline) throw tooSlow();
      const { sql, values } = sqlOf({ ...input, range: { ...range, before } }, batch.size);
      const ids = await this.#idsOf(sql, values);
      if (ids.length > 0) yield ids;
      if (ids.length < batch.size) return;
      before = ids.at(-1) ?? null;
      batch.size = Math.min(batch.size * 2, MAX_BATCH);
    }
  }

  /** The last of the newest texts; null if there are fewer. */
  async #newestOf({ scope, range }: TextSearchInput): Promise<string | null> {
    const values: unknown[] = [];
    const where = boundsOf(scope, range, values);
    const ids = await this.#idsOf(
      `select generation_id as id from generation_text where ${where}
       order by generation_id desc offset ${this.newest - 1} limit 1`,
      values,
    );
    return ids[0] ?? null;
  }

  async #oldestOf({ scope, range }: TextSearchInput): Promise<string | null> {
    const values: unknown[] = [];
    const where = boundsOf(scope, range, values);
    const ids = await this.#idsOf(
      `select generation_id as id from generation_text where ${where} order by generation_id limit 1`,
      values,
    );
    return ids[0] ?? null;
  }

  async #idsOf(sql: string, values: readonly unknown[]): Promise<readonly string[]> {
    try {
      const rows = await queryWithLimit<{ id: string }>(this.dataSource, sql, values);
      return rows.map(({ id }) => id);
    } catch (error) {
      throw error instanceof QueryLimitError ? tooSlow(error) : error;
    }
  }
}

interface Statement {
  readonly sql: string;
  readonly values: readonly unknown[];
}

/** Compares the texts of a range, newest first. */
function newestSql({ scope, words, range }: TextSearchInput, limit: number): Statement {
  const values: unknown[] = [];
  const sql = `select generation_id as id from generation_text
    where ${boundsOf(scope, range, values)} and ${containsSql(words, values)}
    order by generation_id desc limit ${limit}`;
  return { sql, values };
}

/** Finds texts by the index, and compares them. `offset 0`: the planner must not walk the texts in the order of the result instead. */
function indexSql({ scope, words, range }: TextSearchInput, limit: number): Statement {
  const values: unknown[] = [queryOf(words, scope.projectId === ALL_PROJECTS ? null : scope.projectId)];
  const sql = `select generation_id as id
    from (
      select generation_id, prompt, revised, notes from generation_text
      where ${TERMS} @@ $1::tsquery and ${boundsOf(scope, range, values)} offset 0) as candidate
    where ${containsSql(words, values)}
    order by generation_id desc limit ${limit}`;
  return { sql, values };
}

function boundsOf({ projectId }: ReadScope, { from, before }: SearchRange, values: unknown[]): string {
  const add = (value: unknown): string => `$${values.push(value)}::uuid`;
  return [
    ...(projectId === ALL_PROJECTS ? [] : [`project_id = ${add(projectId)}`]),
    ...(before === null ? [] : [`generation_id < ${add(before)}`]),
    ...(from === null ? [] : [`generation_id >= ${add(from)}`]),
    'true',
  ].join(' and ');
}

/** Whether each word stands within one of the texts. */
function containsSql(words: readonly string[], values: unknown[]): string {
  return words
    .map((word) => {
      const value = `$${values.push(word)}::text`;
      return `(position(${value} in prompt) > 0 or position(${value} in revised) > 0 or position(${value} in notes) > 0)`;
    })
    .join(' and ');
}

function tooSlow(cause?: unknown): ApiError {
  const message = `The search took longer than ${SEARCH_LIMIT_MS / 1000} seconds. Search for a longer word, or limit the time with created_after and created_before.`;
  const headers = { 'retry-after': '5' };
  return new ApiError(
    message,
    { status: 503, type: 'server_error', code: 'search_timeout', param: 'q', headers },
    { cause },
  );
}
