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

/** An image, as `bin.repository` reads it. */
export interface ImagePosition {
  readonly generationId: string;
  readonly index: number;
}

/** What of these exists in the project, and what has been changed. */
export interface Changed<Key> {
  readonly matched: readonly Key[];
  readonly changed: readonly Key[];
}

/**
 * Deletes rows of other tables within the statement that deletes generations or images for good: a CTE that reads `gone`, with the `id` of
 * generations, or `changed`, with the `generation_id` and `index` of images.
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

  /** Whether a generation has not ended. */
  async isOpen({ projectId }: Scope, id: string): Promise<boolean> {
    const rows = await this.dataSource.query<unknown[]>(
      `select from generation where id = $1 and project_id = $2 and ${IS_OPEN}`,
      [id, projectId],
    );
    return rows.length > 0;
  }

  /** Puts generations into the bin; those in flight stay out of it. */
  deleteGenerations(scope: Scope, ids: readonly string[], within?: EntityManager): Promise<Changed<string>> {
    return this.#changeGenerations(
      scope,
      ids,
      within,
      `set deleted_at = now() where deleted_at is null and not ${IS_OPEN}`,
    );
  }

  /** Takes generations out of the bin. Images that were put there by themselves stay there. */
  restoreGenerations(scope: Scope, ids: readonly string[], within?: EntityManager): Promise<Changed<string>> {
    return this.#changeGenerations(scope, ids, within, 'set deleted_at = null where deleted_at is not null');
  }

  async #changeGenerations(
    { projectId }: Scope,
    ids: readonly string[],
    within: EntityManager | undefined,
    change: string,
  ): Promise<Changed<string>> {
    const rows = await (within ?? this.dataSource.manager).query<{ id: string; is_changed: boolean }[]>(
      `with found as materialized (
         select id from generation where id = any($1::uuid[]) and project_id = $2 order by id for update
       ), changed as (
         update generation ${change} and id = any($1::uuid[]) and id in (select id from found) returning id
       )
       select found.id, changed.id is not null as is_changed from found left join changed using (id)`,
      [ids, projectId],
    );
    return changedOf(rows.map(({ id, is_changed: isChanged }) => ({ key: id, isChanged })));
  }

  /** Puts output images into the bin, each by itself; those of generations in flight stay out of it. */
  deleteImages(scope: Scope, images: readonly ImagePosition[]): Promise<Changed<ImagePosition>> {
    return this.#changeImages(
      scope,
      images,
      `set deleted_at = now() where image.deleted_at is null and image.state <> 'deleted' and not found.is_open`,
    );
  }

  /** Takes images out of the bin that were put there by themselves. */
  restoreImages(scope: Scope, images: readonly ImagePosition[]): Promise<Changed<ImagePosition>> {
    return this.#changeImages(
      scope,
      images,
      `set deleted_at = null where image.deleted_at is not null and image.state <> 'deleted'`,
    );
  }

  /** Deletes images for good. Their rows stay, because they were paid for: without a file, a URL, and what else tells of the bytes. */
  purgeImages(
    scope: Scope,
    images: readonly ImagePosition[],
    others: readonly PurgePart[],
  ): Promise<Changed<ImagePosition>> {
    return this.#changeImages(
      scope,
      images,
      `set state = 'deleted', deleted_at = coalesce(image.deleted_at, now()), sha256 = null, source_url = null, bytes = null,
         mime_type = null, warning = null, orientation = null, try_at = null, lost_at = null
       where image.state <> 'deleted' and not found.is_open`,
      [`purged as (${purgedFilesSql('found join changed using (generation_id, index)')})`, ...others],
    );
  }

  async #changeImages(
    { projectId }: Scope,
    images: readonly ImagePosition[],
    change: string,
    others: readonly PurgePart[] = [],
  ): Promise<Changed<ImagePosition>> {
    const rows = await this.dataSource.query<{ generation_id: string; index: number; is_changed: boolean }[]>(
      `with given as materialized (
         select * from unnest($1::uuid[], $2::smallint[]) as row (generation_id, index)
       ), locked as materialized (
         select id, ${IS_OPEN} as is_open from generation where id = any($1::uuid[]) and project_id = $3 order by id for update
       ), found as materialized (
         select image.generation_id, image.role, image.index, image.sha256, locked.is_open
         from generation_image as image join given using (generation_id, index) join locked on locked.id = image.generation_id
         where image.generation_id = any($1::uuid[]) and image.role = 'output'
         order by image.generation_id, image.index for update of image
       ), changed as (
         update generation_image as image ${change.replace(' where ', ' from found where ')}
           and image.generation_id = any($1::uuid[])
           and image.generation_id = found.generation_id and image.role = found.role and image.index = found.index
         returning image.generation_id, image.index
       )${others.map((part) => `, ${part}`).join('')}
       select found.generation_id, found.index, changed.index is not null as is_changed
       from found left join changed using (generation_id, index)`,
      [images.map(({ generationId }) => generationId), images.map(({ index }) => index), projectId],
    );
    return changedOf(
      rows.map(({ generation_id: generationId, index, is_changed: isChanged }) => ({
        key: { generationId, index },
        isChanged,
      })),
    );
  }

  /**
   * Deletes generations for good, with everything that is known of them, in one statement; those in flight stay. What was spent stays spent,
   * and their idempotency keys stay until they expire. `others` delete the rows of tables that other features own.
   */
  async purgeGenerations(
    { projectId }: Scope,
    ids: readonly string[],
    others: readonly PurgePart[],
    within?: EntityManager,
  ): Promise<Changed<string>> {
    const rows = await (within ?? this.dataSource.manager).query<{ id: string; is_changed: boolean }[]>(
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
       select found.id, gone.id is not null as is_changed from found left join gone using (id)`,
      [ids, projectId],
    );
    return changedOf(rows.map(({ id, is_changed: isChanged }) => ({ key: id, isChanged })));
  }
}

function changedOf<Key>(rows: readonly { readonly key: Key; readonly isChanged: boolean }[]): Changed<Key> {
  return {
    matched: rows.map(({ key }) => key),
    changed: rows.filter(({ isChanged }) => isChanged).map(({ key }) => key),
  };
}

/** Sets the note of generations that the transaction has locked. */
export async function setNote(manager: EntityManager, ids: readonly string[], note: string | null): Promise<void> {
  await manager.query('update generation set note = $2 where id = any($1::uuid[])', [ids, note]);
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
