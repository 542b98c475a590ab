import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { TRANSACTION_LIMITS } from '../database/limits.ts';
import { retriedTransaction } from '../database/retried-transaction.ts';
import type { Scope } from '../domain/scope.ts';
import { figuresEntrySql, IS_VISIBLE_IMAGE, SUBJECT } from './outbox.repository.ts';
import { indexedText } from './text-rows.repository.ts';

/** A generation that is locked by the transaction. */
export interface LockedGeneration {
  readonly id: string;
  readonly note: string | null;
}

/** An output image: its generation, and its index there, from 0. */
export interface ImagePosition {
  readonly generationId: string;
  readonly index: number;
}

/** What of these exists in the project, what has been changed, and what stays as it is because its generation is in flight. */
export interface Changed<Key> {
  readonly matched: readonly Key[];
  readonly changed: readonly Key[];
  readonly inFlight: readonly Key[];
}

/** Whether a row of `generation` is in flight. */
export const IS_OPEN = `state in ('queued', 'running')`;

/** What a change does to the number of images that are not in the bin. */
type Visibility = 'added' | 'removed';

function visibleEntrySql(visibility: Visibility, images: string, subject: string): string {
  const figures = `jsonb_build_object('visible_images', ${images})`;
  return visibility === 'added' ? figuresEntrySql(figures, 'null', subject) : figuresEntrySql('null', figures, subject);
}

/** The rows of generations and images as people change them afterwards: notes, and the bin. */
@Injectable()
export class BinRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Runs changes of generations in one transaction, which holds their rows. In the order of their ids, as all transactions lock them. */
  withLocked<T>(
    { projectId }: Scope,
    ids: readonly string[],
    work: (manager: EntityManager, found: readonly LockedGeneration[]) => Promise<T>,
    within?: EntityManager,
  ): Promise<T> {
    const run = async (manager: EntityManager): Promise<T> => {
      await manager.query(TRANSACTION_LIMITS);
      const found = await manager.query<LockedGeneration[]>(
        `select id, note from generation where id = any($1::uuid[]) and project_id = $2 order by id for update`,
        [ids, projectId],
      );
      return work(manager, found);
    };
    return within === undefined ? retriedTransaction(this.dataSource, run) : run(within);
  }

  /** Puts generations into the bin; those in flight stay out of it. */
  deleteGenerations(scope: Scope, ids: readonly string[], within?: EntityManager): Promise<Changed<string>> {
    return this.#changeGenerations(
      scope,
      ids,
      within,
      'set deleted_at = now() from found where found.deleted_at is null and not found.is_open',
      'removed',
    );
  }

  /** Takes generations out of the bin. Images that were put there by themselves stay there. */
  restoreGenerations(scope: Scope, ids: readonly string[], within?: EntityManager): Promise<Changed<string>> {
    return this.#changeGenerations(
      scope,
      ids,
      within,
      'set deleted_at = null from found where found.deleted_at is not null',
      'added',
    );
  }

  /**
   * `found` has what is so once the rows are locked: a statement itself still sees them as they were when it began. They are locked before,
   * so that it sees all their images.
   */
  #changeGenerations(
    scope: Scope,
    ids: readonly string[],
    within: EntityManager | undefined,
    change: string,
    visibility: Visibility,
  ): Promise<Changed<string>> {
    const work = async (manager: EntityManager): Promise<Changed<string>> => {
      const rows = await manager.query<ChangedGeneration[]>(
        `with found as materialized (
           select id, deleted_at, ${IS_OPEN} as is_open from generation
           where id = any($1::uuid[]) and project_id = $2 order by id for update
         ), changed as (
           update generation ${change} and generation.id = any($1::uuid[]) and generation.id = found.id
           returning ${SUBJECT}
         ), noted as (
           ${visibleEntrySql(visibility, 'visible.images', 'changed')}
           from changed join (
             select generation_id, count(*) as images from generation_image as image
             where generation_id = any($1::uuid[]) and role = 'output' and ${IS_VISIBLE_IMAGE} group by generation_id
           ) as visible on visible.generation_id = changed.id
         )
         select found.id, found.is_open, changed.id is not null as is_changed from found left join changed using (id)`,
        [ids, scope.projectId],
      );
      return changedOf(rows, ({ id }) => id);
    };
    return this.withLocked(scope, ids, work, within);
  }

  /** Puts output images into the bin, each by itself; those of generations in flight stay out of it. */
  deleteImages(
    scope: Scope,
    images: readonly ImagePosition[],
    within?: EntityManager,
  ): Promise<Changed<ImagePosition>> {
    return this.changeImages(
      scope,
      images,
      'set deleted_at = now() from found where image.deleted_at is null and not found.is_open',
      [IMAGES_DELETED],
      within,
    );
  }

  /** Takes images out of the bin that were put there by themselves. */
  restoreImages(
    scope: Scope,
    images: readonly ImagePosition[],
    within?: EntityManager,
  ): Promise<Changed<ImagePosition>> {
    const change = 'set deleted_at = null from found where image.deleted_at is not null';
    return this.changeImages(scope, images, change, [IMAGES_RESTORED], within);
  }

  /**
   * Changes output images in one statement, with `others` as parts of it. What was deleted for good does not exist any more. The generations are
   * locked before, as by {@link withLocked}.
   */
  changeImages(
    scope: Scope,
    images: readonly ImagePosition[],
    change: string,
    others: readonly string[],
    within: EntityManager | undefined,
  ): Promise<Changed<ImagePosition>> {
    const ids = images.map(({ generationId }) => generationId);
    const work = (manager: EntityManager): Promise<Changed<ImagePosition>> =>
      this.#changeLockedImages(manager, scope, images, change, others);
    return this.withLocked(scope, ids, work, within);
  }

  async #changeLockedImages(
    manager: EntityManager,
    { projectId }: Scope,
    images: readonly ImagePosition[],
    change: string,
    others: readonly string[],
  ): Promise<Changed<ImagePosition>> {
    const rows = await manager.query<ImageRow[]>(
      `with given as materialized (
         select * from unnest($1::uuid[], $2::smallint[]) as row (generation_id, index)
       ), locked as materialized (
         select ${SUBJECT}, generation.deleted_at, ${IS_OPEN} as is_open from generation
         where id = any($1::uuid[]) and project_id = $3 order by id for update
       ), found as materialized (
         select image.generation_id, image.role, image.index, image.sha256, image.bytes, locked.is_open,
           locked.deleted_at is null and ${IS_VISIBLE_IMAGE} as is_visible
         from generation_image as image join given using (generation_id, index) join locked on locked.id = image.generation_id
         where image.generation_id = any($1::uuid[]) and image.role = 'output' and image.state <> 'deleted'
         order by image.generation_id, image.index for update of image
       ), changed as (
         update generation_image as image ${change}
           and image.generation_id = any($1::uuid[])
           and image.generation_id = found.generation_id and image.role = found.role and image.index = found.index
         returning image.generation_id, image.index
       )${others.map((part) => `, ${part}`).join('')}
       select found.generation_id, found.index, found.is_open, changed.index is not null as is_changed
       from found left join changed using (generation_id, index)`,
      [images.map(({ generationId }) => generationId), images.map(({ index }) => index), projectId],
    );
    return changedOf(rows, ({ generation_id: generationId, index }) => ({ generationId, index }));
  }
}

/** The images that a statement changes, by generation, as far as `condition` says: a part of {@link BinRepository.changeImages}. */
export function changedImagesSql(entry: (images: string) => string, condition: string): string {
  const columns =
    'locked.id, locked.project_id, locked.model, locked.source, locked.api_key_id, locked.simulated, locked.created_at';
  return `noted as (
         ${entry('images')} from (
           select ${columns}, count(*) filter (where ${condition}) as images, coalesce(sum(bytes) filter (where sha256 is not null), 0) as bytes
           from found join changed using (generation_id, index) join locked on locked.id = found.generation_id group by ${columns}
         ) as counted
       )`;
}

const IMAGES_DELETED = changedImagesSql((images) => visibleEntrySql('removed', images, 'counted'), 'found.is_visible');
/** Those of a generation in the bin stay out of sight. */
const IMAGES_RESTORED = changedImagesSql(
  (images) => visibleEntrySql('added', images, 'counted'),
  'locked.deleted_at is null',
);
interface ChangedRow {
  readonly is_open: boolean;
  readonly is_changed: boolean;
}

export type ChangedGeneration = ChangedRow & { readonly id: string };
type ImageRow = ChangedRow & { readonly generation_id: string; readonly index: number };

/** What a statement has returned, by its keys. */
export function changedOf<Row extends ChangedRow, Key>(rows: readonly Row[], keyOf: (row: Row) => Key): Changed<Key> {
  return {
    matched: rows.map(keyOf),
    changed: rows.filter(({ is_changed: isChanged }) => isChanged).map(keyOf),
    inFlight: rows.filter(({ is_open: isOpen }) => isOpen).map(keyOf),
  };
}

/** Sets the note of generations that the transaction has locked. Returns those that had another one. */
export async function setNote(
  manager: EntityManager,
  ids: readonly string[],
  note: string | null,
): Promise<readonly string[]> {
  const [rows] = await manager.query<[{ id: string }[], number]>(
    'update generation set note = $2 where id = any($1::uuid[]) and note is distinct from $2 returning id',
    [ids, note],
  );
  return rows.map(({ id }) => id);
}

/** Makes a generation, which the transaction has locked, found by its note and tags. */
export async function indexNotes(manager: EntityManager, id: string, texts: readonly string[]): Promise<void> {
  const { text, terms } = indexedText(texts);
  await manager.query('update generation_text set notes = $2, notes_terms = $3::tsvector where generation_id = $1', [
    id,
    text,
    terms,
  ]);
}
