import type { EntityManager } from 'typeorm';
import type { ImageKey } from '../domain/image-key.ts';
import { figuresEntrySql, imageEntriesSql, imageFiguresSql, SUBJECT } from './outbox.repository.ts';
import { addRevisedSql } from './text-rows.repository.ts';
import { GenerationImageEntity, type NewImage } from './generation-image.entity.ts';
import { changesOf, imageRowsOf, jsonRowsOf, jsonText, LOST, revisedRowOf } from './json-rows.repository.ts';

/** A change of an image row. A row whose state is not `from` stays unchanged. */
export interface ImageChange {
  readonly key: ImageKey;
  readonly from: { readonly state: 'pending' } | { readonly state: 'stored' | 'lost'; readonly sha256: string };
  readonly changes: Partial<NewImage>;
}

/** An input that was given as a URL and is due to be fetched. */
export interface DueInput extends ImageKey {
  readonly sourceUrl: string;
  /** The number of attempts, including this one. */
  readonly tries: number;
}

/**
 * Inserts output images of a generation that still exists. Existing rows stay unchanged. The lock lets no deletion pass: whichever comes
 * second sees the other.
 */
export async function insertImages(manager: EntityManager, id: string, images: readonly NewImage[]): Promise<void> {
  const { columns, json } = jsonRowsOf(manager, GenerationImageEntity, imageRowsOf(id, images));
  const revised = revisedRowOf(id, images);
  await manager.query(
    `with target as materialized (
       select ${SUBJECT}, generation.deleted_at from generation where id = $2 for share
     ), recorded as (
       insert into generation_image (${columns})
       select ${columns} from jsonb_populate_recordset(null::generation_image, $1)
       where exists (select from target)
       on conflict do nothing
       returning role, sha256, bytes
     )${revised === null ? '' : `, ${addRevisedSql('$3')}`}
     ${figuresEntrySql('figures', 'null', 'target')}
     from target, lateral (
       select ${imageFiguresSql('image', 'target.deleted_at is null')} as figures from recorded as image
     ) as counted where figures is not null`,
    [json, id, ...(revised === null ? [] : [jsonText([revised])])],
  );
}

/** An output that is stored late, or lost. */
function isNoted({ key: { role }, changes: { state } }: ImageChange): boolean {
  return role === 'output' && (state === 'stored' || state === LOST.state);
}

/** Applies changes to image rows. A row whose state is no longer `from` stays unchanged: another process has changed it. */
export async function changeImages(manager: EntityManager, images: readonly ImageChange[]): Promise<void> {
  const rows = images.map(({ key: { generationId, role, index }, from, changes }) => ({
    generation_id: generationId,
    role,
    index,
    state: from.state,
    sha256: 'sha256' in from ? from.sha256 : null,
    changes: changesOf(manager, GenerationImageEntity, changes),
  }));
  // Only what changes in any of them, because each column adds planning time: the others of a row keep their values either way.
  const names = manager.dataSource
    .getMetadata(GenerationImageEntity)
    .columns.filter(
      ({ isPrimary, databaseName }) => !isPrimary && rows.some(({ changes }) => Object.hasOwn(changes, databaseName)),
    )
    .map(({ databaseName }) => `"${databaseName}"`)
    .join(', ');
  // Locks the rows in a fixed order first, because replicas fetch the same images at the same time.
  await manager.query(
    `with given as materialized (
       select * from jsonb_to_recordset($2) as row
         (generation_id uuid, role text, index smallint, state text, sha256 text, changes jsonb)
     ), locked as materialized (
       select image.generation_id, image.role, image.index, image.sha256, given.changes
       from generation_image as image join given using (generation_id, role, index)
       where image.generation_id = any($1::uuid[]) and image.state = given.state
         and (given.sha256 is null or image.sha256 = given.sha256)
       order by image.generation_id, image.role, image.index for update of image
     ), changed as (
       update generation_image as image
       set (${names}) = (select ${names} from jsonb_populate_record(image, locked.changes))
       from locked
       where image.generation_id = any($1::uuid[])
         and image.generation_id = locked.generation_id and image.role = locked.role and image.index = locked.index
       returning image.generation_id, image.role, image.index, image.state, image.bytes,
         locked.sha256 is null and image.sha256 is not null as is_stored
     )
     ${images.some(isNoted) ? imageEntriesSql('changed') : 'select'}`,
    [images.map(({ key: { generationId } }) => generationId), jsonText(rows)],
  );
}

/** Claims inputs whose next attempt is due, longest waiting first: no other process gets them until the pause after it has passed. */
export async function claimDueInputs(
  manager: EntityManager,
  limit: number,
  pausesS: readonly number[],
): Promise<readonly DueInput[]> {
  const [rows] = await manager.query<[DueInput[], number]>(
    `with due as (
       select generation_id, role, index from generation_image
       where state = 'pending' and role = 'input' and try_at <= now()
       order by try_at limit $1 for update skip locked)
     update generation_image as image
     set tries = tries + 1,
       try_at = now() + ($2::int[])[least(tries + 1, cardinality($2::int[]))] * interval '1 second'
     from due
     where image.generation_id = due.generation_id and image.role = due.role and image.index = due.index
     returning image.generation_id as "generationId", image.role, image.index, image.source_url as "sourceUrl", image.tries`,
    [limit, pausesS],
  );
  return rows;
}
