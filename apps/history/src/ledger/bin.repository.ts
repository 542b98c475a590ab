import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { TRANSACTION_LIMITS } from '../database/limits.ts';
import type { Scope } from '../domain/scope.ts';
import { purgedFilesSql } from './purged-files.repository.ts';
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

/**
 * Deletes rows of other tables within the statement that deletes generations or images for good: each is a CTE that reads `gone`, the ids of
 * generations, or `changed`, the images.
 */
export type PurgePart = string;

const IS_OPEN = `state in ('queued', 'running')`;

/** The rows of generations and images as people change them afterwards: notes, the bin, deletion for good. */
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
    return within === undefined ? this.dataSource.transaction(run) : run(within);
  }

  /** Puts generations into the bin; those in flight stay out of it. */
  deleteGenerations(scope: Scope, ids: readonly string[], within?: EntityManager): Promise<Changed<string>> {
    return this.#changeGenerations(
      scope,
      ids,
      within,
      'set deleted_at = now() from found where found.deleted_at is null and not found.is_open',
    );
  }

  /** Takes generations out of the bin. Images that were put there by themselves stay there. */
  restoreGenerations(scope: Scope, ids: readonly string[], within?: EntityManager): Promise<Changed<string>> {
    return this.#changeGenerations(
      scope,
      ids,
      within,
      'set deleted_at = null from found where found.deleted_at is not null',
    );
  }

  /** `found` has what is so once the rows are locked: a statement itself still sees them as they were when it began. */
  async #changeGenerations(
    { projectId }: Scope,
    ids: readonly string[],
    within: EntityManager | undefined,
    change: string,
  ): Promise<Changed<string>> {
    const rows = await (within ?? this.dataSource.manager).query<GenerationRow[]>(
      `with found as materialized (
         select id, deleted_at, ${IS_OPEN} as is_open from generation
         where id = any($1::uuid[]) and project_id = $2 order by id for update
       ), changed as (
         update generation ${change} and generation.id = any($1::uuid[]) and generation.id = found.id returning generation.id
       )
       select found.id, found.is_open, changed.id is not null as is_changed from found left join changed using (id)`,
      [ids, projectId],
    );
    return changedOf(rows, ({ id }) => id);
  }

  /** Puts output images into the bin, each by itself; those of generations in flight stay out of it. */
  deleteImages(
    scope: Scope,
    images: readonly ImagePosition[],
    within?: EntityManager,
  ): Promise<Changed<ImagePosition>> {
    return this.#changeImages(
      scope,
      images,
      'set deleted_at = now() from found where image.deleted_at is null and not found.is_open',
      [],
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
    return this.#changeImages(scope, images, change, [], within);
  }

  /**
   * Deletes images for good. Their rows stay, because they were paid for: without a file, a URL, and what else tells of the bytes. `others`
   * delete the rows of tables that other features own. The rows are locked before, as by {@link purgeGenerations}.
   */
  purgeImages(
    scope: Scope,
    images: readonly ImagePosition[],
    others: readonly PurgePart[],
    within?: EntityManager,
  ): Promise<Changed<ImagePosition>> {
    const ids = images.map(({ generationId }) => generationId);
    const change = `set state = 'deleted', deleted_at = coalesce(image.deleted_at, now()), sha256 = null, source_url = null, bytes = null,
         mime_type = null, warning = null, orientation = null, try_at = null, lost_at = null
       from found where not found.is_open`;
    const purged = `purged as (${purgedFilesSql('found join changed using (generation_id, index)')})`;
    const purge = (manager: EntityManager): Promise<Changed<ImagePosition>> =>
      this.#changeImages(scope, images, change, [purged, ...others], manager);
    return this.withLocked(scope, ids, purge, within);
  }

  /** What was deleted for good does not exist any more. */
  async #changeImages(
    { projectId }: Scope,
    images: readonly ImagePosition[],
    change: string,
    others: readonly PurgePart[] = [],
    manager: EntityManager = this.dataSource.manager,
  ): Promise<Changed<ImagePosition>> {
    const rows = await manager.query<ImageRow[]>(
      `with given as materialized (
         select * from unnest($1::uuid[], $2::smallint[]) as row (generation_id, index)
       ), locked as materialized (
         select id, ${IS_OPEN} as is_open from generation where id = any($1::uuid[]) and project_id = $3 order by id for update
       ), found as materialized (
         select image.generation_id, image.role, image.index, image.sha256, locked.is_open
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

  /**
   * Deletes generations for good, with everything that is known of them; those in flight stay. What was spent stays spent, and their
   * idempotency keys stay until they expire. `others` delete the rows of tables that other features own. The rows are locked before, because
   * the statement does not see what was added after it began: tags and favorites of a change that it had to wait for would stay.
   */
  purgeGenerations(
    scope: Scope,
    ids: readonly string[],
    others: readonly PurgePart[],
    within?: EntityManager,
  ): Promise<Changed<string>> {
    const purge = async (manager: EntityManager): Promise<Changed<string>> => {
      const rows = await manager.query<GenerationRow[]>(
        `with found as materialized (
           select id, ${IS_OPEN} as is_open from generation
           where id = any($1::uuid[]) and project_id = $2 order by id for update
         ), gone as (
           delete from generation using found
           where generation.id = any($1::uuid[]) and generation.id = found.id and not found.is_open returning generation.id
         ), gone_images as (
           delete from generation_image using gone where generation_id = any($1::uuid[]) and generation_id = gone.id
           returning sha256
         ), purged as (${purgedFilesSql('gone_images')}), gone_texts as (
           delete from generation_text using gone where generation_id = any($1::uuid[]) and generation_id = gone.id
         ), gone_terms as (
           delete from generation_term using gone where generation_id = gone.id
         ), gone_derivations as (
           delete from derivation using gone where child_id = gone.id
         ), gone_responses as (
           delete from open_response using gone where generation_id = gone.id
         )${others.map((part) => `, ${part}`).join('')}
         select found.id, found.is_open, gone.id is not null as is_changed from found left join gone using (id)`,
        [ids, scope.projectId],
      );
      return changedOf(rows, ({ id }) => id);
    };
    return this.withLocked(scope, ids, purge, within);
  }
}

interface ChangedRow {
  readonly is_open: boolean;
  readonly is_changed: boolean;
}

type GenerationRow = ChangedRow & { readonly id: string };
type ImageRow = ChangedRow & { readonly generation_id: string; readonly index: number };

function changedOf<Row extends ChangedRow, Key>(rows: readonly Row[], keyOf: (row: Row) => Key): Changed<Key> {
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
