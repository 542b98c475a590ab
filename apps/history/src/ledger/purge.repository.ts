import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Scope } from '../domain/scope.ts';
import {
  BinRepository,
  changedImagesSql,
  changedOf,
  IS_OPEN,
  type Changed,
  type ChangedGeneration,
  type ImagePosition,
} from './bin.repository.ts';
import { endFiguresSql, figuresEntrySql, imageFiguresSql, IS_VISIBLE_IMAGE, SUBJECT } from './outbox.repository.ts';
import { purgedFilesSql } from './purged-files.repository.ts';

/**
 * Deletes rows of other tables within the statement that deletes generations or images for good: each is a CTE that reads `gone`, the ids of
 * generations, or `changed`, the images.
 */
export type PurgePart = string;

/** Deletion for good. */
@Injectable()
export class PurgeRepository {
  constructor(private readonly bin: BinRepository) {}

  /**
   * Deletes images for good. Their rows stay, because they were paid for: without a file, a URL, and what else tells of the bytes. `others`
   * delete the rows of tables that other features own.
   */
  purgeImages(
    scope: Scope,
    images: readonly ImagePosition[],
    others: readonly PurgePart[],
    within?: EntityManager,
  ): Promise<Changed<ImagePosition>> {
    const change = `set state = 'deleted', deleted_at = coalesce(image.deleted_at, now()), sha256 = null, source_url = null, bytes = null,
         mime_type = null, warning = null, orientation = null, try_at = null, lost_at = null
       from found where not found.is_open`;
    const purged = `purged as (${purgedFilesSql('found join changed using (generation_id, index)')})`;
    return this.bin.changeImages(scope, images, change, [purged, IMAGES_PURGED, ...others], within);
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
      const rows = await manager.query<ChangedGeneration[]>(
        `with found as materialized (
           select id, ${IS_OPEN} as is_open from generation
           where id = any($1::uuid[]) and project_id = $2 order by id for update
         ), gone as (
           delete from generation using found
           where generation.id = any($1::uuid[]) and generation.id = found.id and not found.is_open
           returning ${SUBJECT}, generation.deleted_at, ${endFiguresSql('generation')} as figures
         ), gone_images as (
           delete from generation_image using gone where generation_id = any($1::uuid[]) and generation_id = gone.id
           returning generation_id, role, state, sha256, bytes, generation_image.deleted_at
         ), purged as (${purgedFilesSql('gone_images')}), ${GONE_FIGURES}, noted as (
           ${figuresEntrySql('null', 'figures', 'gone_figures', true)} from gone_figures
         ), gone_texts as (
           delete from generation_text using gone where generation_id = any($1::uuid[]) and generation_id = gone.id
         ), gone_terms as (
           delete from generation_term using gone where generation_id = any($1::uuid[]) and generation_id = gone.id
         ), gone_derivations as (
           delete from derivation using gone where child_id = any($1::uuid[]) and child_id = gone.id
         ), gone_responses as (
           delete from open_response using gone where generation_id = any($1::uuid[]) and generation_id = gone.id
         )${others.map((part) => `, ${part}`).join('')}
         select found.id, found.is_open, gone.id is not null as is_changed from found left join gone using (id)`,
        [ids, scope.projectId],
      );
      return changedOf(rows, ({ id }) => id);
    };
    return this.bin.withLocked(scope, ids, purge, within);
  }
}

const SUBJECT_OF_GONE = 'project_id, model, source, api_key_id, simulated';

/**
 * CTE `gone_figures`: the figures of the CTEs `gone` and `gone_images`, in one row for all that statistics count together. A retention policy
 * deletes many generations of an hour at once, and each entry costs as much as the deletion itself. Its generation is one of them.
 */
const GONE_FIGURES = `gone_image_figures as (
           select gone.id, ${imageFiguresSql('image', `gone.deleted_at is null and ${IS_VISIBLE_IMAGE}`)} as figures
           from gone join gone_images as image on image.generation_id = gone.id group by gone.id
         ), gone_figures as (
           select min(id::text)::uuid as id, ${SUBJECT_OF_GONE}, created_at, jsonb_object_agg(name, value) as figures from (
             select min(gone.id::text) as id, ${SUBJECT_OF_GONE}, date_trunc('hour', created_at, 'UTC') as created_at, one.key as name,
               sum(one.value::bigint) as value
             from gone left join gone_image_figures as image on image.id = gone.id
               cross join lateral jsonb_each_text(gone.figures || coalesce(image.figures, '{}')) as one
             group by ${SUBJECT_OF_GONE}, date_trunc('hour', created_at, 'UTC'), one.key
           ) as summed group by ${SUBJECT_OF_GONE}, created_at
         )`;

const IMAGES_PURGED = changedImagesSql(
  (images) =>
    figuresEntrySql('null', `jsonb_build_object('visible_images', ${images}, 'stored_bytes', bytes)`, 'counted', true),
  'found.is_visible',
);
