import { MAX_TAGS } from '@wan-image/core';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { Transaction } from '../database/sql.ts';
import type { ReadScope, Scope } from '../domain/scope.ts';
import { ALL_PROJECTS } from '../domain/scope.ts';
import type { ImagePosition } from '../ledger/bin.repository.ts';

/** Tags and favorites. The functions that take a manager change generations that its transaction has locked. */

/** Sets all tags of a generation. */
export async function setTags(
  manager: EntityManager,
  { projectId }: Scope,
  id: string,
  tags: readonly string[],
): Promise<void> {
  await manager.query('delete from generation_tag where generation_id = $1 and tag <> all($2::text[])', [id, tags]);
  await addTags(manager, { projectId }, [id], tags);
}

/** Which generations tags were added to, and which do not have them because they would have more than {@link MAX_TAGS}. */
interface AddedTags {
  readonly changed: readonly string[];
  readonly full: readonly string[];
}

export async function addTags(
  manager: EntityManager,
  { projectId }: Scope,
  ids: readonly string[],
  tags: readonly string[],
): Promise<AddedTags> {
  const [row] = await manager.query<AddedTags[]>(
    `with full_ones as (
       select id from unnest($1::uuid[]) as id
       where (select count(*) from (
         select tag from generation_tag where generation_id = id union select unnest($2::text[])) as all_tags) > ${MAX_TAGS}
     ), added as (
       insert into generation_tag (generation_id, tag, project_id)
       select id, tag, $3 from unnest($1::uuid[]) as id cross join unnest($2::text[]) as tag
       where id not in (select id from full_ones)
       on conflict do nothing returning generation_id
     )
     select array(select distinct generation_id from added) as changed, array(select id from full_ones) as full`,
    [ids, tags, projectId],
  );
  return row ?? { changed: [], full: [] };
}

/** Returns the generations that had one of the tags. */
export async function removeTags(
  manager: EntityManager,
  ids: readonly string[],
  tags: readonly string[],
): Promise<readonly string[]> {
  const [rows] = await manager.query<[{ id: string }[], number]>(
    'delete from generation_tag where generation_id = any($1::uuid[]) and tag = any($2::text[]) returning generation_id as id',
    [ids, tags],
  );
  return rows.map(({ id }) => id);
}

/** The tags of generations, sorted by code points. */
export async function tagsOf(
  manager: EntityManager,
  ids: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await manager.query<{ id: string; tag: string }[]>(
    'select generation_id as id, tag from generation_tag where generation_id = any($1::uuid[]) order by tag',
    [ids],
  );
  const byId = Map.groupBy(rows, ({ id }) => id);
  return new Map(ids.map((id) => [id, (byId.get(id) ?? []).map(({ tag }) => tag)]));
}

/** The part of the statement that deletes images for good: see `PurgeRepository.purgeImages`. */
export const PURGE_IMAGE_PARTS = [
  `gone_favorites as (
    delete from favorite_image using changed
    where favorite_image.generation_id = changed.generation_id and favorite_image.index = changed.index)`,
] as const;

/** The parts of the statement that deletes generations for good, `$1`: see `PurgeRepository.purgeGenerations`. */
export const PURGE_PARTS = [
  'gone_tags as (delete from generation_tag using gone where generation_id = any($1::uuid[]) and generation_id = gone.id)',
  'gone_favorites as (delete from favorite_image using gone where generation_id = any($1::uuid[]) and generation_id = gone.id)',
] as const;

@Injectable()
export class LibraryRepository {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Marks images as favorites, or no longer. Returns those that exist, and those that were changed. Locks their rows in the order in which a
   * deletion does, so that nothing is marked that is deleted for good at the same moment.
   */
  async setFavorite(
    { projectId }: Scope,
    images: readonly ImagePosition[],
    isFavorite: boolean,
    within: Transaction = this.dataSource.manager,
  ): Promise<{ readonly matched: number; readonly changed: number }> {
    const [row] = await within.query<{ matched: string; changed: string }[]>(
      `with given as materialized (
         select * from unnest($1::uuid[], $2::smallint[]) as row (generation_id, index)
       ), locked as materialized (
         select id from generation where id = any($1::uuid[]) and project_id = $3 order by id for update
       ), found as materialized (
         select image.generation_id, image.index
         from generation_image as image join given using (generation_id, index) join locked on locked.id = image.generation_id
         where image.generation_id = any($1::uuid[]) and image.role = 'output' and image.state <> 'deleted'
         order by image.generation_id, image.index for update of image
       ), changed as (${isFavorite ? ADD_FAVORITES : REMOVE_FAVORITES})
       select (select count(*) from found) as matched, (select count(*) from changed) as changed`,
      [images.map(({ generationId }) => generationId), images.map(({ index }) => index), projectId],
    );
    return { matched: Number(row?.matched), changed: Number(row?.changed) };
  }

  async countImages({ projectId }: Scope, images: readonly ImagePosition[]): Promise<number> {
    const [row] = await this.dataSource.query<{ matched: string }[]>(
      `select count(*) as matched
       from unnest($1::uuid[], $2::smallint[]) as given (generation_id, index)
         join generation_image as image using (generation_id, index)
         join generation on generation.id = image.generation_id
       where image.role = 'output' and image.state <> 'deleted' and generation.project_id = $3`,
      [images.map(({ generationId }) => generationId), images.map(({ index }) => index), projectId],
    );
    return Number(row?.matched);
  }

  /** The tags of what is not in the bin, the most used first. */
  async tags({ projectId }: ReadScope): Promise<{ tag: string; generations: number }[]> {
    const isOne = projectId !== ALL_PROJECTS;
    const rows = await this.dataSource.query<{ tag: string; generations: string }[]>(
      `select tag, count(*) as generations
       from generation_tag
       where ${isOne ? 'project_id = $1 and ' : ''}not exists (
         select from generation
         where id = generation_id and deleted_at is not null${isOne ? ' and generation.project_id = $1' : ''})
       group by tag order by count(*) desc, tag`,
      isOne ? [projectId] : [],
    );
    return rows.map(({ tag, generations }) => ({ tag, generations: Number(generations) }));
  }
}

const ADD_FAVORITES = `
  insert into favorite_image (generation_id, index, project_id) select generation_id, index, $3 from found
  on conflict do nothing returning 1`;

const REMOVE_FAVORITES = `
  delete from favorite_image using found
  where favorite_image.generation_id = found.generation_id and favorite_image.index = found.index returning 1`;
