import type { DataSource } from 'typeorm';

/** The most of one page, in bytes of its rows: the client of core reads a response of twice that. One record may be larger. */
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

/** Only the months of the page: each further one would be planned. */
const within = (column: string): string => `${column} between cast($3 as uuid) and cast($4 as uuid)`;

const SIZE = `${RECORD_BYTES} + ${bytesOf(TEXTS.map((name) => `generation.${name}`))} + (
  select coalesce(sum(${IMAGE_BYTES} + ${bytesOf(['image.source_url', 'image.source_url', 'image.revised_prompt'])}), 0)
  from generation_image as image where image.generation_id = generation.id and ${within('image.generation_id')})`;

/** Measures records one after the other, and stops behind the first that is too much: the others are not even uncompressed. */
const SIZES_SQL = `with recursive page as (
    select 0 as number, cast(0 as float8) as bytes, cast(0 as float8) as total
    union all
    select page.number + 1, size.bytes, page.total + coalesce(size.bytes, 0)
    from page left join lateral (
      select cast(${SIZE} as float8) as bytes from generation
      where generation.id = (cast($1 as uuid[]))[page.number + 1] and ${within('generation.id')}) as size on true
    where page.number < cardinality(cast($1 as uuid[])) and (page.number <= 1 or page.total <= $2))
  select number, bytes from page where number > 0`;

/** The sizes of the records of a page and of what follows it: of as many as fit into {@link MAX_PAGE_BYTES}, and one more. */
export async function sizedRows({ manager }: DataSource, ids: readonly string[]): Promise<readonly SizedRow[]> {
  if (ids.length === 0) return [];
  const ends = ids.toSorted();
  const values = [ids, MAX_PAGE_BYTES, ends[0], ends.at(-1)];
  const sizes = await manager.query<{ number: number; bytes: number | null }[]>(SIZES_SQL, values);
  const bytesAt = new Map(sizes.map(({ number, bytes }) => [number, bytes ?? 0]));
  return ids.slice(0, bytesAt.size).map((id, index) => ({ id, bytes: bytesAt.get(index + 1) ?? 0 }));
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
