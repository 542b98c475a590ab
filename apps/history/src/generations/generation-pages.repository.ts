import type { DataSource } from 'typeorm';
import type { ReadScope } from '../domain/scope.ts';
import { GenerationEntity } from '../ledger/generation.entity.ts';
import { whereOf, type GenerationFilter } from './generation-filter.ts';

/** The most of one page, in bytes of its rows: the clients of core and of OpenAI read a response of twice that. One record may be larger. */
export const MAX_PAGE_BYTES = 8 * 1024 * 1024;

/** The records that are read, and sent, together. */
const MAX_BATCH_BYTES = 1024 * 1024;

/** A page: which records it has, not yet the records. */
export interface GenerationPage {
  /** The ids in their order, in batches that are read one at a time. */
  readonly batches: readonly (readonly string[])[];
  readonly lastId: string | null;
  readonly hasMore: boolean;
}

/** A row of the page or, as the last one, of what follows it. */
export interface SizedRow {
  readonly id: string;
  /** Of the record, about. */
  readonly bytes: number;
}

/** What a record has besides texts of any length: names, times, ids, and the URL of each image. The URL of an input is in it twice. */
const RECORD_BYTES = 1500;
const IMAGE_BYTES = 600;

const bytesOf = (columns: readonly string[]): string =>
  columns.map((column) => `coalesce(octet_length(cast(${column} as text)), 0)`).join(' + ');

const TEXTS = ['prompt', 'request', 'kept_request', 'metadata', 'error', 'upstream_message', 'upstream_extra'];

const SIZE = `${RECORD_BYTES} + ${bytesOf(TEXTS.map((name) => `generation.${name}`))} + (
  select coalesce(sum(${IMAGE_BYTES} + ${bytesOf(['image.source_url', 'image.source_url', 'image.revised_prompt'])}), 0)
  from generation_image as image where image.generation_id = generation.id)`;

/**
 * The rows of a page, newest first, and one more if there are more. It walks from row to row by the index and stops at the first that is
 * too much, by count or by bytes, so that a page of large records costs no more than its bytes: the others are not even measured.
 */
export async function pageRows(
  dataSource: DataSource,
  scope: ReadScope,
  { before, ...filter }: GenerationFilter,
  limit: number,
): Promise<readonly SizedRow[]> {
  const { sql, parameters } = whereOf(scope, filter);
  const newest = (condition: string): string =>
    dataSource.manager
      .createQueryBuilder(GenerationEntity, 'generation')
      .select('generation.id', 'id')
      .addSelect(`cast(${SIZE} as float8)`, 'bytes')
      .where(sql)
      .andWhere(condition)
      .orderBy('generation.id', 'DESC')
      .limit(1)
      .getQuery();
  const first = newest(before === undefined ? 'true' : 'generation.id < :before');
  const [query, values] = dataSource.driver.escapeQueryWithParameters(
    `with recursive page as (
       select id, bytes, bytes as total, 1 as number from (${first}) as first
       union all
       select next.id, next.bytes, page.total + next.bytes, page.number + 1
       from page cross join lateral (${newest('generation.id < page.id')}) as next
       where page.number <= :limit and (page.number = 1 or page.total <= :most))
     select id, bytes from page`,
    { ...parameters, before, limit, most: MAX_PAGE_BYTES },
  );
  const rows = await dataSource.query<SizedRow[]>(query, values);
  return rows.toSorted((one, other) => (one.id < other.id ? 1 : -1));
}

/** Divides rows into a page and what follows it. */
export function pageOf(rows: readonly SizedRow[], limit: number): GenerationPage {
  const batches: string[][] = [];
  let total = 0;
  let inBatch = 0;
  let count = 0;
  for (const { id, bytes } of rows) {
    total += bytes;
    if (count === limit || (count > 0 && total > MAX_PAGE_BYTES)) break;
    count++;
    inBatch += bytes;
    const batch = batches.at(-1);
    if (batch !== undefined && inBatch <= MAX_BATCH_BYTES) batch.push(id);
    else {
      batches.push([id]);
      inBatch = bytes;
    }
  }
  return { batches, lastId: rows[count - 1]?.id ?? null, hasMore: rows.length > count };
}
