import type { DataSource } from 'typeorm';

/** The most of one page, in bytes of its rows: the client of core reads a response of twice that. One record may be larger. */
export const MAX_PAGE_BYTES = 8 * 1024 * 1024;

/** The records that are read, and sent, together. */
export const MAX_BATCH_BYTES = 1024 * 1024;

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

/** The ids of a page. */
export const IDS = 'cast($1 as uuid[])';

/** Bounds a column to the months of the ids: each further one would be planned. */
export const within = (column: string): string => `${column} between cast($2 as uuid) and cast($3 as uuid)`;

/** The values of {@link IDS} and of {@link within}. There is at least one id. */
export function idValues(ids: readonly string[]): readonly unknown[] {
  const ends = ids.toSorted();
  return [ids, ends[0], ends.at(-1)];
}

/** The size of the record of `generation`, without its images. */
export const RECORD_BYTES_SQL = `${RECORD_BYTES} + ${bytesOf(TEXTS.map((name) => `generation.${name}`))}`;

/** What an image with the texts of `image` adds to it. */
const bytesOfImage = (sourceUrl: string, revisedPrompt: string): string =>
  `${IMAGE_BYTES} + ${bytesOf([sourceUrl, sourceUrl, revisedPrompt])}`;

export const IMAGE_BYTES_SQL = bytesOfImage('image."sourceUrl"', 'image."revisedPrompt"');

const SIZE = `${RECORD_BYTES_SQL} + (
  select coalesce(sum(${bytesOfImage('image.source_url', 'image.revised_prompt')}), 0)
  from generation_image as image where image.generation_id = generation.id and ${within('image.generation_id')})`;

/** Measures records one after the other, and stops behind the first that is too much: the others are not even uncompressed. */
const SIZES_SQL = `with recursive page as (
    select 0 as number, cast(0 as float8) as bytes, cast(0 as float8) as total
    union all
    select page.number + 1, size.bytes, page.total + coalesce(size.bytes, 0)
    from page left join lateral (
      select cast(${SIZE} as float8) as bytes from generation
      where generation.id = (${IDS})[page.number + 1] and ${within('generation.id')}) as size on true
    where page.number < cardinality(${IDS}) and (page.number <= 1 or page.total <= $4))
  select number, bytes from page where number > 0`;

/** The sizes of the records of a page and of what follows it: of as many as fit into {@link MAX_PAGE_BYTES}, and one more. */
export async function sizedRows({ manager }: DataSource, ids: readonly string[]): Promise<readonly SizedRow[]> {
  if (ids.length === 0) return [];
  const values = [...idValues(ids), MAX_PAGE_BYTES];
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
