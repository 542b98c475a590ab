import { Inject, Injectable } from '@nestjs/common';
import type { Derivation } from '@wan-image/core';
import { DataSource, type EntityMetadata } from 'typeorm';
import { READS } from '../database/database.ts';
import { ALL_PROJECTS, type ReadScope } from '../domain/scope.ts';
import type { Position } from './cursor.ts';
import type { GenerationImageEntity } from '../ledger/generation-image.entity.ts';
import { GenerationEntity } from '../ledger/generation.entity.ts';
import {
  idValues,
  IDS,
  IMAGE_BYTES_SQL,
  MAX_BATCH_BYTES,
  pageOf,
  RECORD_BYTES_SQL,
  sizedRows,
  within,
  type GenerationPage,
} from './generation-pages.repository.ts';

/** An image, with what is recorded of it outside of its row. */
export interface RecordImage extends Pick<
  GenerationImageEntity,
  | 'generationId'
  | 'role'
  | 'index'
  | 'state'
  | 'sourceUrl'
  | 'sha256'
  | 'width'
  | 'height'
  | 'bytes'
  | 'mimeType'
  | 'warning'
  | 'orientation'
  | 'revisedPrompt'
  | 'fromImage'
  | 'deletedAt'
> {
  readonly favorite: boolean;
  readonly thumbhash: string | null;
}

/** A generation with all that its record shows. */
export interface StoredRecord {
  readonly generation: GenerationEntity;
  /** Inputs and outputs, each in order. */
  readonly images: readonly RecordImage[];
  /** Sorted by code points. */
  readonly tags: readonly string[];
  readonly derivedFrom: readonly Derivation[];
}

/** The columns of a generation of which its events tell: not its request, which may be large. */
export interface WatchedRecordRow extends Pick<
  GenerationEntity,
  'id' | 'state' | 'outcome' | 'error' | 'resolvedAt' | 'finishedAt'
> {
  readonly images: readonly RecordImage[];
}

/** An image of a list of images: without its own texts. */
export interface ListedImage extends RecordImage, Pick<GenerationEntity, 'model' | 'createdAt'> {
  /** The beginning of the prompt of its generation. */
  readonly prompt: string;
  /** How many images its generation has. */
  readonly setSize: number;
  readonly generationDeletedAt: Date | null;
}

/** How much of a prompt a list of images or a lineage shows, in code points. */
export const MAX_SHOWN_PROMPT = 200;

/** As JSON has it. */
type ImageRow = Omit<RecordImage, 'generationId' | 'deletedAt'> & { readonly deletedAt: string | null };

/** The columns of `image`, without its texts. */
const IMAGE_COLUMNS = `image.role, image.index, image.state, image.sha256, image.width, image.height, image.bytes,
    image.mime_type as "mimeType", image.warning, image.orientation, image.from_image as "fromImage", image.deleted_at as "deletedAt",
    (select hash from thumbhash where thumbhash.sha256 = image.sha256 and image.role = 'output') as thumbhash,
    image.role = 'output' and exists (
      select from favorite_image
      where favorite_image.generation_id = image.generation_id and favorite_image.index = image.index offset 0) as favorite`;

/** The images of `generation`. */
const imagesSql = (bounds: Bounds): string => `select ${IMAGE_COLUMNS},
    image.source_url as "sourceUrl", image.revised_prompt as "revisedPrompt"
  from generation_image as image where image.generation_id = generation.id and ${bounds('image.generation_id')}`;

type Bounds = (column: string) => string;

/**
 * Records one after the other, and none behind the first that is too much. One statement, because round trips are the main cost of a page,
 * and in one snapshot: a record that has succeeded is never shown without its images. Tags and ids are sorted by their code points.
 */
const recordsSql = (bounds: Bounds): string => `with recursive page as (
    select 0 as number, cast(0 as float8) as total, cast(null as generation) as row,
      cast(null as json) as images, cast(null as json) as tags, cast(null as json) as origins
    union all
    select page.number + 1, page.total + coalesce(record.bytes, 0), record.row, record.images, record.tags, record.origins
    from page left join lateral (
      select cast(generation as generation) as row, ${RECORD_BYTES_SQL} + coalesce(own.bytes, 0) as bytes, own.images,
        (select json_agg(tag order by tag collate "C") from generation_tag where generation_id = generation.id) as tags,
        (select json_agg(json_build_array(kind, parent_id, image_id)
            order by cast(parent_id as text) collate "C", image_id collate "C")
          from derivation where child_id = generation.id) as origins
      from generation cross join lateral (
        select sum(${IMAGE_BYTES_SQL}) as bytes, json_agg(image order by index) as images from (${imagesSql(bounds)}) as image) as own
      where generation.id = (${IDS})[page.number + 1] and ${bounds('generation.id')}
        and (cast($5 as uuid) is null or generation.project_id = cast($5 as uuid))
      offset 0) as record on true
    where page.number < cardinality(${IDS}) and (page.number = 0 or page.total <= $4))
  select (row).*, images, tags, origins from page where number > 0 and (number = 1 or total <= $4) order by number`;

const RECORDS_SQL = recordsSql(within);

/** Of a few: rare generations are each in a month of its own, and the months between them are not planned. Each of many would be slower. */
const FEW_RECORDS_SQL = recordsSql((column) => `${column} = any(${IDS}) and ${within(column)}`);
const FEW = 50;

interface RecordRow extends Record<string, unknown> {
  readonly id: string | null;
  readonly images: readonly ImageRow[] | null;
  readonly tags: readonly string[] | null;
  readonly origins: readonly (readonly [Derivation['kind'], string, string])[] | null;
}

/** `offset 0`: each image is looked up, and none joined. */
const LISTED_IMAGES_SQL = `select key.id as "generationId", image.*, generation.*, (
    select cast(count(*) as integer) from generation_image
    where generation_id = key.id and ${within('generation_id')} and role = 'output') as "setSize"
  from unnest(${IDS}, cast($4 as smallint[])) with ordinality as key (id, index, number)
  cross join lateral (
    select model, left(prompt, ${MAX_SHOWN_PROMPT}) as prompt, created_at as "createdAt", deleted_at as "generationDeletedAt"
    from generation where generation.id = key.id and ${within('generation.id')} offset 0) as generation
  cross join lateral (
    select ${IMAGE_COLUMNS}, null as "sourceUrl", null as "revisedPrompt" from generation_image as image
    where image.generation_id = key.id and image.role = 'output' and image.index = key.index and ${within('image.generation_id')}
    offset 0) as image
  order by key.number`;

/** A page, and its records if all of them are read at once. */
export interface ReadPage {
  readonly page: GenerationPage;
  readonly records: readonly StoredRecord[] | null;
}

/** Reads what records show: generations, their images, and what people and other generations add to them. */
@Injectable()
export class RecordsRepository {
  constructor(@Inject(READS) private readonly dataSource: DataSource) {}

  /** The existing ones in the scope, in the order of the ids. */
  async of({ projectId }: ReadScope, ids: readonly string[]): Promise<readonly StoredRecord[]> {
    return present(await this.#read(projectId, ids, Number.POSITIVE_INFINITY));
  }

  /** A page of these generations: as many as the limit says, or as fit into 8 MiB. */
  async page(ids: readonly string[], limit: number): Promise<ReadPage> {
    const shown = ids.slice(0, limit);
    const records = await this.#read(ALL_PROJECTS, shown, MAX_BATCH_BYTES);
    if (records.length < shown.length)
      return { page: pageOf(await sizedRows(this.dataSource, ids), limit), records: null };
    const batches = shown.length === 0 ? [] : [shown];
    return { page: { batches, lastId: shown.at(-1) ?? null, hasMore: ids.length > limit }, records: present(records) };
  }

  /** What events tell of these generations. */
  async watched(ids: readonly string[]): Promise<readonly WatchedRecordRow[]> {
    if (ids.length === 0) return [];
    const rows = await this.dataSource.query<(Omit<WatchedRecordRow, 'images'> & Pick<RecordRow, 'images'>)[]>(
      `select id, state, outcome, error, resolved_at as "resolvedAt", finished_at as "finishedAt", (select json_agg(image order by index) from (${imagesSql(within)}) as image) as images
       from generation where id = any(${IDS}) and ${within('id')}`,
      idValues(ids),
    );
    return rows.map((row) => Object.assign(row, { images: imagesFrom(row.id, row.images) }));
  }

  /** The existing ones of these images, in their order. */
  async images(keys: readonly Position[]): Promise<readonly ListedImage[]> {
    if (keys.length === 0) return [];
    return this.dataSource.query<ListedImage[]>(LISTED_IMAGES_SQL, [
      ...idValues(keys.map(({ generationId }) => generationId)),
      keys.map(({ index }) => index),
    ]);
  }

  /** As many as fit into so many bytes, but at least one; null for one that does not exist. */
  async #read(
    projectId: ReadScope['projectId'],
    ids: readonly string[],
    maxBytes: number,
  ): Promise<readonly (StoredRecord | null)[]> {
    if (ids.length === 0) return [];
    const project = projectId === ALL_PROJECTS ? null : projectId;
    const sql = ids.length > FEW ? RECORDS_SQL : FEW_RECORDS_SQL;
    const rows = await this.dataSource.query<RecordRow[]>(sql, [...idValues(ids), maxBytes, project]);
    const metadata = this.dataSource.getMetadata(GenerationEntity);
    return rows.map(({ id, images, tags, origins, ...row }) =>
      id === null
        ? null
        : {
            generation: generationFrom(metadata, { id, ...row }),
            images: imagesFrom(id, images),
            tags: tags ?? [],
            derivedFrom: (origins ?? []).map(([kind, generationId, imageId]) => ({
              kind,
              generation_id: generationId,
              image_id: imageId === '' ? null : imageId,
            })),
          },
    );
  }
}

function present(records: readonly (StoredRecord | null)[]): readonly StoredRecord[] {
  return records.filter((record) => record !== null);
}

function generationFrom({ columns }: EntityMetadata, row: Readonly<Record<string, unknown>>): GenerationEntity {
  const generation: Record<string, unknown> = {};
  for (const { propertyName, databaseName, transformer } of columns) {
    const value: unknown = row[databaseName];
    generation[propertyName] =
      transformer === undefined ? value : [transformer].flat().reduceRight((from, one) => one.from(from), value);
  }
  return generation as unknown as GenerationEntity;
}

function imagesFrom(generationId: string, rows: readonly ImageRow[] | null): readonly RecordImage[] {
  return (rows ?? []).map((row) =>
    Object.assign(row, { generationId, deletedAt: row.deletedAt === null ? null : new Date(row.deletedAt) }),
  );
}
