import { Inject, Injectable } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { READS } from '../database/database.ts';
import { IN_ORDER, queryWithLimit } from '../database/limited-query.ts';
import type { Transaction } from '../database/sql.ts';
import type { Scope } from '../domain/scope.ts';
import { boundOf, type Limits, type Part } from './retention-parts.ts';

/** What has to go: a generation as a whole, or one of its images. */
export interface Found {
  readonly generationId: string;
  /** Of the image; null for a generation as a whole. */
  readonly index: number | null;
  /** Of all files that go. */
  readonly bytes: number;
  /** Of the stored output images alone. */
  readonly kept: number;
}

/** Generations that one statement counts or sums up. */
const MANY = 20_000;
const SOME = 2_000;

/** Greater than every id. */
const BEYOND_ALL = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** Ids are few, whatever the planner expects of a small table. */
const BY_IDS = '; set local enable_seqscan = off';

/** Finds what a policy does not keep: in the order of ids, some generations at a time, so that no statement takes long. */
@Injectable()
export class RetainedRowsRepository {
  constructor(@Inject(READS) private readonly reads: DataSource) {}

  /** The next generations that a part has to look at. Those of other projects may be among them: {@link found} leaves them out. */
  async walk(
    part: Part,
    { projectId }: Scope,
    limits: Limits,
    after: string,
    limit: number,
  ): Promise<readonly string[]> {
    const bound = boundOf(part, limits);
    const rows = await this.#read<{ id: string }>(
      ...((): [string, unknown[]] => {
        if (part === 'bin')
          return [
            `select id from generation
             where project_id = $1 and id > $2 and deleted_at is not null and deleted_at < $3 order by id limit $4`,
            [projectId, after, bound, limit],
          ];
        if (part === 'bin_images')
          return [
            `select distinct generation_id as id from generation_image
             where deleted_at is not null and state <> 'deleted' and generation_id > $1 order by generation_id limit $2`,
            [after, limit],
          ];
        return [
          'select id from generation where project_id = $1 and id > $2 and id < $3 order by id limit $4',
          [projectId, after, bound ?? BEYOND_ALL, limit],
        ];
      })(),
    );
    return rows.map(({ id }) => id);
  }

  /** What of these generations a part deletes, and no earlier part does; in the order of their ids and indexes. */
  found(part: Part, scope: Scope, limits: Limits, ids: readonly string[]): Promise<readonly Found[]> {
    return queryWithLimit<Found>(this.reads, ...foundSql(part, scope, limits, ids), { plan: BY_IDS });
  }

  /** {@link found} within a transaction that has locked the generations: what was marked or changed meanwhile counts. */
  foundWithin(
    transaction: Transaction,
    part: Part,
    scope: Scope,
    limits: Limits,
    ids: readonly string[],
  ): Promise<readonly Found[]> {
    return transaction.query<Found[]>(...foundSql(part, scope, limits, ids));
  }

  /** The id of the `count`-th newest generation; null if there are fewer. */
  async nthNewest({ projectId }: Scope, count: number): Promise<string | null> {
    let id = BEYOND_ALL;
    for (let remaining = count; remaining > 0; remaining -= MANY) {
      const [row] = await this.#read<{ id: string }>(
        'select id from generation where project_id = $1 and id < $2 order by id desc offset $3 limit 1',
        [projectId, id, Math.min(remaining, MANY) - 1],
      );
      if (row === undefined) return null;
      ({ id } = row);
    }
    return id;
  }

  /** The bytes of stored output images by the statistics, which are some seconds late; null if there are none of the project. */
  async countedBytes({ projectId }: Scope): Promise<number | null> {
    const [row] = await this.#read<{ bytes: number | null }>(
      'select sum(stored_bytes)::float8 as bytes from usage_hour_model where project_id = $1 and not is_purged',
      [projectId],
    );
    return row?.bytes ?? null;
  }

  /** The bytes of stored output images of the next generations, and the last of these; null if there are no more. */
  async storedBytes(
    { projectId }: Scope,
    after: string,
  ): Promise<{ readonly last: string; readonly bytes: number } | null> {
    const [row] = await this.#read<{ last: string | null; bytes: number }>(
      `with walked as materialized (
         select id from generation where project_id = $1 and id > $2 order by id limit ${SOME}
       )
       select (select id from walked order by id desc limit 1) as last, coalesce(sum(
         (select sum(bytes) from generation_image
          where generation_id = walked.id and role = 'output' and state = 'stored')), 0)::float8 as bytes
       from walked`,
      [projectId, after],
    );
    return row === undefined || row.last === null ? null : { last: row.last, bytes: row.bytes };
  }

  #read<Row>(sql: string, values: readonly unknown[]): Promise<readonly Row[]> {
    return queryWithLimit<Row>(this.reads, sql, values, { plan: IN_ORDER });
  }
}

/** Everything that decides is in one statement, so that a search and the transaction that deletes cannot differ. */
function foundSql(part: Part, { projectId }: Scope, limits: Limits, ids: readonly string[]): [string, unknown[]] {
  const values: unknown[] = [ids, projectId];
  const parameter: Parameter = (value, type) => `$${values.push(value)}::${type}`;
  const before: Before = (column, bound, type) =>
    bound === null ? 'false' : `(${column} is not null and ${column} < ${parameter(bound, type)})`;
  const judged = judgedSql(limits, parameter, before);
  if (part === 'bin' || part === 'records') {
    const goes = part === 'bin' ? 'is_bin' : 'is_record and not is_bin';
    const columns = 'id as "generationId", null::int as index, bytes, kept';
    return [`${judged} select ${columns} from judged where ${goes} order by id`, values];
  }
  // Each is made only where it is used: a statement refuses values that it does not have.
  const isBinned = (): string =>
    `(files.role = 'output' and files.state in ('stored', 'lost')
      and ${before('files.deleted_at', limits.binnedBefore, 'timestamptz')})`;
  const isOld = (): string => before('judged.id', limits.imagesBefore, 'uuid');
  const isUnmarked = (): string =>
    `not judged.is_record and files.role = 'output' and files.state = 'stored'
      and not judged.is_tagged and not files.is_favorite and not ${isBinned()}`;
  const goes = {
    bin_images: isBinned,
    images: () => `${isUnmarked()} and ${isOld()}`,
    space: () => `${isUnmarked()} and not ${isOld()}`,
    inputs: () =>
      `not judged.is_record and files.role = 'input' and files.sha256 is not null and not judged.is_spared
        and ${before('judged.id', limits.inputsBefore, 'uuid')}`,
  }[part]();
  return [
    `${judged}
     select judged.id as "generationId", files.index::int as index, coalesce(files.bytes, 0)::float8 as bytes,
       case when files.role = 'output' and files.state = 'stored' then coalesce(files.bytes, 0) else 0 end::float8 as kept
     from judged join files on files.generation_id = judged.id
     where not judged.is_bin and ${goes} order by judged.id, files.index`,
    values,
  ];
}

type Parameter = (value: unknown, type: string) => string;
type Before = (column: string, bound: string | null, type: string) => string;

/**
 * CTEs: the images of the generations (`files`), and what goes for each of these as a whole (`judged`). All tables are read by the list of ids,
 * then joined: to look up each image by itself takes ten times as long.
 */
function judgedSql(limits: Limits, parameter: Parameter, before: Before): string {
  const tagged =
    limits.keptTags.length === 0
      ? 'select null::uuid as id where false'
      : `select distinct generation_id as id from generation_tag
         where generation_id = any($1::uuid[]) and tag = any(${parameter(limits.keptTags, 'text[]')})`;
  const favorite = limits.keepsFavorites
    ? 'select generation_id, index from favorite_image where generation_id = any($1::uuid[])'
    : 'select null::uuid as generation_id, null::smallint as index where false';
  return `
    with found as materialized (
      select id, deleted_at from generation
      where id = any($1::uuid[]) and project_id = $2 and state not in ('queued', 'running')
    ), tagged as materialized (${tagged}), favorite as materialized (${favorite}), files as materialized (
      select image.generation_id, image.role, image.index, image.state, image.sha256, image.bytes, image.deleted_at,
        favorite.index is not null as is_favorite
      from generation_image as image
        left join favorite on image.role = 'output' and favorite.generation_id = image.generation_id and favorite.index = image.index
      where image.generation_id = any($1::uuid[])
    ), of_files as materialized (
      select generation_id, bool_or(is_favorite) as is_favorite, bool_or(role = 'output' and state = 'pending') as is_pending,
        sum(bytes) filter (where sha256 is not null) as bytes,
        sum(bytes) filter (where role = 'output' and state = 'stored') as kept
      from files group by generation_id
    ), whole as materialized (
      select found.id, found.deleted_at, tagged.id is not null as is_tagged,
        tagged.id is not null or coalesce(of_files.is_favorite, false) as is_spared,
        coalesce(of_files.is_pending, false) as is_pending,
        coalesce(of_files.bytes, 0)::float8 as bytes,
        coalesce(of_files.kept, 0)::float8 as kept
      from found left join of_files on of_files.generation_id = found.id left join tagged on tagged.id = found.id
    ), judged as materialized (
      select *,
        ${before('deleted_at', limits.binnedBefore, 'timestamptz')} and not is_pending as is_bin,
        ${before('id', limits.recordsBefore, 'uuid')} and not is_pending and not is_spared as is_record
      from whole
    )`;
}
