import type { EntityManager, EntityTarget, ObjectLiteral } from 'typeorm';
import { GenerationImageEntity, type NewImage } from './generation-image.entity.ts';
import { GenerationEntity } from './generation.entity.ts';
import { storable } from './storable.ts';

/**
 * How generations and their pictures are written: each step as one statement, because a round trip is what costs, and a statement
 * commits by itself where no transaction is open. Rows go as JSON, by the names of the columns that this version knows: one that a later
 * version has added gets its default, so that replicas of both can record side by side.
 */

/** Code of the error of a generation whose process died, as far as another can tell. */
export const INTERRUPTED_CODE = 'interrupted';

/** How and when a generation ended. */
export type RecordedEnding = Pick<
  GenerationEntity,
  | 'state'
  | 'outcome'
  | 'error'
  | 'upstreamRequestId'
  | 'upstreamStatus'
  | 'attempts'
  | 'upstreamExtra'
  | 'replyStatus'
  | 'replyCreated'
  | 'finishedAt'
>;

const ENDING_COLUMNS = `state, outcome, error, upstream_request_id, upstream_status, attempts, upstream_extra, reply_status,
  reply_created, finished_at`;

/** A generation and its input pictures. */
export async function insertRows(
  manager: EntityManager,
  generation: GenerationEntity,
  inputs: readonly NewImage[],
): Promise<void> {
  const row = jsonOf(manager, GenerationEntity, [generation]);
  const columns = namesOf(manager, GenerationEntity);
  const insert = `insert into generation (${columns}) select ${columns} from jsonb_populate_recordset(null::generation, $1)`;
  if (inputs.length === 0) {
    await manager.query(insert, [row]);
    return;
  }
  const images = namesOf(manager, GenerationImageEntity);
  await manager.query(
    `with recorded as (${insert})
     insert into generation_image (${images}) select ${images} from jsonb_populate_recordset(null::generation_image, $2)`,
    [row, imagesOf(manager, generation.id, inputs)],
  );
}

/** Result pictures. What is recorded already stays as it is. */
export async function recordImages(manager: EntityManager, id: string, images: readonly NewImage[]): Promise<void> {
  const columns = namesOf(manager, GenerationImageEntity);
  await manager.query(
    `insert into generation_image (${columns}) select ${columns} from jsonb_populate_recordset(null::generation_image, $1)
     on conflict do nothing`,
    [imagesOf(manager, id, images)],
  );
}

/**
 * The end of a generation and its result pictures. Returns whether it counts: a generation ends once, but that it was interrupted was
 * only a guess; where a person has resolved that, one counts that knows what it cost. What cost nothing frees its key: it may be tried
 * again, also with what was wrong put right.
 */
export async function endRow(
  manager: EntityManager,
  id: string,
  ending: RecordedEnding,
  results: readonly NewImage[],
): Promise<boolean> {
  const columns = namesOf(manager, GenerationImageEntity);
  const ended = await manager.query<unknown[]>(
    `with ended as (
       update generation
       set (${ENDING_COLUMNS}) = (select ${ENDING_COLUMNS} from jsonb_populate_recordset(null::generation, $2))
       where id = $1 and (finished_at is null or error ->> 'code' = '${INTERRUPTED_CODE}') and (resolved_at is null or $4)
       returning id, outcome
     ), recorded as (
       insert into generation_image (${columns})
       select ${columns} from jsonb_populate_recordset(null::generation_image, $3) where exists (select from ended)
       on conflict do nothing
     ), freed as (
       delete from idempotency_key using ended where generation_id = ended.id and ended.outcome = 'not_billed'
     )
     select id from ended`,
    [id, jsonOf(manager, GenerationEntity, [ending]), imagesOf(manager, id, results), ending.outcome !== 'unknown'],
  );
  return ended.length > 0 || hasEnding(await manager.findOneBy(GenerationEntity, { id }), ending);
}

/** Whether it is this very ending that is there: its commit went through, and only the word of it was lost. */
function hasEnding(generation: GenerationEntity | null, ending: RecordedEnding): boolean {
  return generation?.finishedAt?.getTime() === ending.finishedAt?.getTime() && generation?.state === ending.state;
}

function imagesOf(manager: EntityManager, generationId: string, images: readonly NewImage[]): string {
  return jsonOf(
    manager,
    GenerationImageEntity,
    images.map((image) => ({ ...image, generationId })),
  );
}

/** Rows as `jsonb_populate_recordset` reads them. */
function jsonOf<Row extends ObjectLiteral>(
  manager: EntityManager,
  entity: EntityTarget<Row>,
  rows: readonly Partial<Row>[],
): string {
  const { columns } = manager.dataSource.getMetadata(entity);
  return JSON.stringify(
    rows.map((row) =>
      storable(Object.fromEntries(columns.map(({ databaseName, propertyName }) => [databaseName, row[propertyName]]))),
    ),
  );
}

/** The columns of a row, as a statement lists them. */
function namesOf(manager: EntityManager, entity: EntityTarget<ObjectLiteral>): string {
  return manager.dataSource
    .getMetadata(entity)
    .columns.map(({ databaseName }) => `"${databaseName}"`)
    .join(', ');
}
