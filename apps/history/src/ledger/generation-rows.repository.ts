import { In, type EntityManager, type EntityTarget, type ObjectLiteral } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { GenerationImageEntity, type NewImage } from './generation-image.entity.ts';
import { GenerationEntity } from './generation.entity.ts';
import type { ImageKey } from '../domain/image-key.ts';
import { storable } from './storable.ts';

/**
 * How generations and their images are written: each step as one statement, because a round trip is what costs, and a statement
 * commits by itself where no transaction is open. Rows go as JSON, by the names of the columns that this version knows: one that a later
 * version has added gets its default, so that replicas of both can record side by side.
 */

/** Code of the error of a generation whose process died, as far as another can tell. */
export const INTERRUPTED_CODE = 'interrupted';

/** How and when a generation ended. */
export type RecordedEnd = Pick<
  GenerationEntity,
  | 'state'
  | 'outcome'
  | 'error'
  | 'upstreamRequestId'
  | 'upstreamStatus'
  | 'attempts'
  | 'upstreamExtra'
  | 'responseStatus'
  | 'responseCreated'
  | 'finishedAt'
>;

const ENDING_COLUMNS = `state, outcome, error, upstream_request_id, upstream_status, attempts, upstream_extra, reply_status,
  reply_created, finished_at`;

/** A generation that begins. */
export interface NewRows {
  readonly generation: GenerationEntity;
  readonly inputs: readonly NewImage[];
}

/** A generation that ends. */
export interface EndedRows {
  readonly id: string;
  readonly ending: RecordedEnd;
  readonly results: readonly NewImage[];
}

/** What became of a pending image. */
export interface SettledImage {
  readonly key: ImageKey;
  readonly changes: Partial<NewImage>;
}

/** Generations and their input images: all of them, or none where it throws. */
export async function insertRows(manager: EntityManager, rows: readonly NewRows[]): Promise<void> {
  const generations = jsonOf(
    manager,
    GenerationEntity,
    rows.map(({ generation }) => generation),
  );
  const columns = namesOf(manager, GenerationEntity);
  const insert = `insert into generation (${columns}) select ${columns} from jsonb_populate_recordset(null::generation, $1)`;
  const inputs = rows.flatMap(({ generation: { id }, inputs: given }) => imagesOf(id, given));
  if (inputs.length === 0) {
    await manager.query(insert, [generations]);
    return;
  }
  const images = namesOf(manager, GenerationImageEntity);
  await manager.query(
    `with recorded as (${insert})
     insert into generation_image (${images}) select ${images} from jsonb_populate_recordset(null::generation_image, $2)`,
    [generations, jsonOf(manager, GenerationImageEntity, inputs)],
  );
}

/** Result images. What is recorded already stays as it is. */
export async function recordImages(manager: EntityManager, id: string, images: readonly NewImage[]): Promise<void> {
  const columns = namesOf(manager, GenerationImageEntity);
  await manager.query(
    `insert into generation_image (${columns}) select ${columns} from jsonb_populate_recordset(null::generation_image, $1)
     on conflict do nothing`,
    [jsonOf(manager, GenerationImageEntity, imagesOf(id, images))],
  );
}

/**
 * The ends of generations and their result images, all at once. Returns the ids of those that count: a generation ends once, but that
 * it was interrupted was only a guess; where a person has resolved that, one counts that knows what it cost. What cost nothing frees its
 * key: it may be tried again, also with what was wrong put right. Where it throws they may be recorded all the same, and may be told
 * again: one that is there already counts.
 */
export async function endRows(manager: EntityManager, rows: readonly EndedRows[]): Promise<ReadonlySet<string>> {
  const columns = namesOf(manager, GenerationImageEntity);
  const withKnownCost = rows.filter(({ ending: { outcome } }) => outcome !== 'unknown');
  const ended = await manager.query<{ id: string }[]>(
    `with given as materialized (
       select id, ${ENDING_COLUMNS} from jsonb_populate_recordset(null::generation, $2)
     ), ended as (
       update generation
       set (${ENDING_COLUMNS}) = (select ${ENDING_COLUMNS} from given where given.id = generation.id)
       where id = any($1::uuid[]) and (finished_at is null or error ->> 'code' = '${INTERRUPTED_CODE}')
         and (resolved_at is null or id = any($4::uuid[]))
       returning id, outcome
     ), recorded as (
       insert into generation_image (${columns})
       select ${columns} from jsonb_populate_recordset(null::generation_image, $3)
       where generation_id in (select id from ended)
       on conflict do nothing
     ), freed as (
       delete from idempotency_key using ended where generation_id = ended.id and ended.outcome = 'not_billed'
     )
     select id from ended`,
    [
      rows.map(({ id }) => id),
      jsonOf(
        manager,
        GenerationEntity,
        rows.map(({ id, ending }) => ({ id, ...ending })),
      ),
      jsonOf(
        manager,
        GenerationImageEntity,
        rows.flatMap(({ id, results }) => imagesOf(id, results)),
      ),
      withKnownCost.map(({ id }) => id),
    ],
  );
  const counting = new Set(ended.map(({ id }) => id));
  const others = rows.filter(({ id }) => !counting.has(id));
  if (others.length > 0) {
    const found = await manager.findBy(GenerationEntity, { id: In(others.map(({ id }) => id)) });
    for (const { id, ending } of others) {
      const isThere = found.some((generation) => generation.id === id && hasEnding(generation, ending));
      if (isThere) counting.add(id);
    }
  }
  return counting;
}

/** What became of images that are pending. Those of which that was known already stay as they are. */
export async function settleImages(manager: EntityManager, images: readonly SettledImage[]): Promise<void> {
  const { columns } = manager.dataSource.getMetadata(GenerationImageEntity);
  const given = images.map(({ key: { generationId, role, index }, changes }) => ({
    generation_id: generationId,
    role,
    index,
    changes: namedBy(
      columns.filter(({ propertyName }) => Object.hasOwn(changes, propertyName)),
      changes,
    ),
  }));
  const names = columns.filter(({ isPrimary }) => !isPrimary).map(({ databaseName }) => `"${databaseName}"`);
  // Locked in one order first: replicas fetch the same images at the same time.
  await manager.query(
    `with given as materialized (
       select * from jsonb_to_recordset($2) as row (generation_id uuid, role text, index smallint, changes jsonb)
     ), locked as materialized (
       select image.generation_id, image.role, image.index, given.changes
       from generation_image as image join given using (generation_id, role, index)
       where image.generation_id = any($1::uuid[]) and image.state = 'pending'
       order by image.generation_id, image.role, image.index for update of image
     )
     update generation_image as image
     set (${names.join(', ')}) = (select ${names.join(', ')} from jsonb_populate_record(image, locked.changes))
     from locked
     where image.generation_id = any($1::uuid[]) and image.state = 'pending'
       and image.generation_id = locked.generation_id and image.role = locked.role and image.index = locked.index`,
    [images.map(({ key: { generationId } }) => generationId), jsonText(given)],
  );
}

/** Whether it is this very ending that is there: its commit went through, and only the word of it was lost. */
function hasEnding({ finishedAt, state }: GenerationEntity, ending: RecordedEnd): boolean {
  return finishedAt?.getTime() === ending.finishedAt?.getTime() && state === ending.state;
}

function imagesOf(generationId: string, images: readonly NewImage[]): readonly GenerationImageEntity[] {
  return images.map((image) => ({ ...image, generationId }));
}

/** What `JSON.stringify` writes for what PostgreSQL does not store. */
const MAY_BE_UNSTORABLE = /\\u(?:0000|d[89a-f])/;

/** Rows as `jsonb_populate_recordset` reads them. */
function jsonOf<Row extends ObjectLiteral>(
  manager: EntityManager,
  entity: EntityTarget<Row>,
  rows: readonly Partial<Row>[],
): string {
  const { columns } = manager.dataSource.getMetadata(entity);
  const named = rows.map((row) => namedBy(columns, row));
  return jsonText(named);
}

function jsonText(rows: readonly object[]): string {
  const json = JSON.stringify(rows);
  return MAY_BE_UNSTORABLE.test(json) ? JSON.stringify(storable(rows)) : json;
}

/** The values of a row by the names of these columns. */
function namedBy<Row extends ObjectLiteral>(
  columns: readonly ColumnMetadata[],
  row: Partial<Row>,
): Record<string, unknown> {
  return Object.fromEntries(
    columns.map(({ databaseName, propertyName }) => [databaseName, row[propertyName] as unknown]),
  );
}

/** The columns of a row, as a statement lists them. */
function namesOf(manager: EntityManager, entity: EntityTarget<ObjectLiteral>): string {
  return manager.dataSource
    .getMetadata(entity)
    .columns.map(({ databaseName }) => `"${databaseName}"`)
    .join(', ');
}
