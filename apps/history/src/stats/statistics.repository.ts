import type { StatisticsGroup, StatisticsQuery } from '@wan-image/core';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { READS } from '../database/database.ts';
import { queryWithLimit, QueryLimitError } from '../database/limited-query.ts';
import { ApiError } from '../domain/api-error.ts';
import { STATISTICS } from '../domain/job-kinds.ts';
import { ALL_PROJECTS, type ReadScope } from '../domain/scope.ts';
import { SqlParameters } from '../database/sql-parameters.ts';
import { bucketsOf, packedBytesSql } from './latency.ts';
import { NO_API_KEY } from './usage-hour.entity.ts';
import { OTHER } from './usage.repository.ts';

/** The values of what the figures are grouped by; `simulated` always is one of them. */
export type GroupValues = Partial<Record<StatisticsGroup, string | null>> & { readonly simulated: boolean };

/** What a group has. */
export interface GroupFigures {
  readonly group: GroupValues;
  readonly succeeded: number;
  readonly failed: number;
  readonly canceled: number;
  readonly unknown: number;
  readonly images: number;
  readonly storedBytes: number;
  readonly deletedBytes: number;
  /** `cost:<currency>` and `failure:<code>`, without zeros. */
  readonly counts: Readonly<Record<string, number>>;
  readonly latencies: ReadonlyMap<number, number>;
}

/** Sources with rows of their own in a response. */
const MAX_SOURCES = 50;

/** Figures of all projects and years are many: the limit of other reads would refuse them. */
const LIMIT_MS = 25_000;

/** The planner takes each JSON object for a hundred numbers, and the whole for work that a compiler or a cache would speed up. */
const PLAN = '; set local jit = off; set local enable_memoize = off';
/** Some thousand rows are read before other processes of the server have started to help. */
const PLAN_OF_PROJECT = `${PLAN}; set local max_parallel_workers_per_gather = 0`;

const GROUP_SQL: Readonly<Record<StatisticsGroup, (tz: string) => string>> = {
  hour: () => 'hour',
  // The start of the day: a text would take much longer.
  day: (tz) => `date_trunc('day', hour, ${tz})`,
  model: () => 'model',
  source: () => `case when source in (select source from used) then source else '${OTHER}' end`,
  api_key: () => 'api_key_id',
  project: () => 'project_id',
};

type Row = Readonly<Record<string, unknown>> & { readonly simulated: boolean };

/** Reads the figures of statistics. */
@Injectable()
export class StatisticsRepository {
  constructor(@Inject(READS) private readonly dataSource: DataSource) {}

  /** In the order of the groups. At most `limit` rows. */
  async figures(scope: ReadScope, query: StatisticsQuery, limit: number): Promise<readonly GroupFigures[]> {
    const { used, table, groups, names, order, where, values } = this.#source(scope, query);
    const all = names.join(', ');
    const numbers = names.map((_, index) => index + 1).join(', ');
    // Both parts read the table: to hold its rows for the other takes longer. Sums of float8 are exact as far as the numbers of a response are.
    // A function that returns the keys one by one takes half the time of one that returns keys and values, which it puts into a table of its own.
    const rows = await this.#read<Row & GroupFigures & { readonly packed: Uint8Array }>(
      scope,
      `with ${used}fixed as (
         select ${groups}, sum(succeeded::float8) as succeeded, sum(failed::float8) as failed, sum(canceled::float8) as canceled,
           sum(unknown::float8) as unknown, sum(images::float8) as images, sum(stored_bytes::float8) as "storedBytes",
           coalesce(sum(stored_bytes::float8) filter (where is_purged), 0) as "deletedBytes", ${packedBytesSql('sum(latencies)')} as packed
         from ${table} where ${where} group by ${numbers}
       ), sparse as (
         select ${all}, jsonb_object_agg(name, value) as counts from (
           select ${all}, name, sum((numbers ->> name)::bigint) as value from (
             select ${all}, numbers, jsonb_object_keys(numbers) as name from (
               select ${groups}, costs || failures as numbers from ${table} where ${where} offset 0
             ) as chosen
           ) as named group by ${all}, name
         ) as counted where value <> 0 group by ${all}
       )
       select fixed.*, coalesce(counts, '{}') as counts from fixed left join sparse using (${all})
       where succeeded + failed + canceled + images <> 0 order by ${order} limit ${limit}`,
      values,
    );
    return rows.map((row) =>
      Object.assign(row as GroupFigures, { group: groupOf(row, query), latencies: bucketsOf(row.packed) }),
    );
  }

  async #read<Found>({ projectId }: ReadScope, sql: string, values: readonly unknown[]): Promise<readonly Found[]> {
    const plan = projectId === ALL_PROJECTS ? PLAN : PLAN_OF_PROJECT;
    try {
      return await queryWithLimit<Found>(this.dataSource, sql, values, { limitMs: LIMIT_MS, plan });
    } catch (error) {
      throw error instanceof QueryLimitError ? tooSlow(error) : error;
    }
  }

  /** The days with images that are not in the bin, newest first. */
  async days({ projectId }: ReadScope, tz: string): Promise<{ day: string; images: number }[]> {
    const parameters = new SqlParameters();
    const zone = parameters.add(tz, 'text');
    const where = projectId === ALL_PROJECTS ? 'true' : `project_id = ${parameters.add(projectId, 'uuid')}`;
    // Each hour is looked up among the starts of the days: to find the start of its day anew takes ten times as long.
    const rows = await this.dataSource.query<{ start: Date; images: number }[]>(
      `with day as materialized (
         select array_agg(distinct date_trunc('day', at, ${zone}) order by date_trunc('day', at, ${zone})) as starts
         from generate_series(
           (select min(hour) from visible_images_hour where ${where}) - interval '1 day', now() + interval '2 days', interval '12 hours'
         ) as at
       )
       select (select starts from day)[number] as start, images from (
         select width_bucket(hour, (select starts from day)) as number, sum(images)::float8 as images
         from visible_images_hour where ${where} group by 1
       ) as counted where images > 0 order by number desc`,
      parameters.values,
    );
    return rows.map(({ start, images }) => ({ day: dayOf(start, tz), images }));
  }

  /** Whether what an older version recorded is counted. */
  async isComplete(): Promise<boolean> {
    const jobs = await this.dataSource.query<unknown[]>(
      `select from background_job where project_id is null and kind = $1 and state <> 'succeeded' and input = '{}' limit 1`,
      [STATISTICS],
    );
    return jobs.length === 0;
  }

  /** What is read, from where, and how it is grouped: as expressions, by their names, and as they are sorted. */
  #source(
    { projectId }: ReadScope,
    { from, to, groups, tz, models, sources, apiKeys, simulated }: StatisticsQuery,
  ): {
    readonly used: string;
    readonly table: string;
    readonly groups: string;
    readonly names: readonly string[];
    readonly order: string;
    readonly where: string;
    readonly values: unknown[];
  } {
    const parameters = new SqlParameters();
    const any = (column: string, values: readonly unknown[] | undefined, type: string): string[] =>
      values === undefined ? [] : [`${column} = any(${parameters.add(values, type)})`];
    const where = [
      ...(projectId === ALL_PROJECTS ? [] : [`project_id = ${parameters.add(projectId, 'uuid')}`]),
      `hour >= ${parameters.add(new Date(from), 'timestamptz')}`,
      `hour < ${parameters.add(new Date(to), 'timestamptz')}`,
      ...any('model', models, 'text[]'),
      ...any('source', sources, 'text[]'),
      ...any('api_key_id', apiKeys, 'uuid[]'),
      ...(simulated === undefined ? [] : [`simulated = ${parameters.add(simulated, 'boolean')}`]),
    ].join(' and ');
    const zone = groups.includes('day') ? parameters.add(tz, 'text') : '';
    const isWhole =
      groups.includes('source') || groups.includes('api_key') || sources !== undefined || apiKeys !== undefined;
    const table = isWhole ? 'usage_hour' : 'usage_hour_model';
    const names = [...groups.map((group) => `"${group}"`), 'simulated'];
    const used = `used as materialized (
        select source from ${table} where ${where}
        group by source order by sum(succeeded + failed + canceled) desc, source limit ${MAX_SOURCES}), `;
    return {
      used: groups.includes('source') ? used : '',
      table,
      groups: [...groups.map((group) => `${GROUP_SQL[group](zone)} as "${group}"`), 'simulated'].join(', '),
      names,
      order: names.map((name) => (name === '"api_key"' ? `nullif(${name}, '${NO_API_KEY}')` : name)).join(', '),
      where,
      values: parameters.values,
    };
  }
}

function tooSlow(cause: QueryLimitError): ApiError {
  const message = `The statistics took longer than ${LIMIT_MS / 1000} s. Limit the time with from and to, or read one project.`;
  return new ApiError(
    message,
    { status: 503, type: 'server_error', code: 'statistics_timeout', param: null },
    { cause },
  );
}

function groupOf(row: Row, { groups, tz }: StatisticsQuery): GroupValues {
  const valueOf = (group: StatisticsGroup): string | null => {
    const value = row[group] ?? null;
    if (group === 'api_key' && value === NO_API_KEY) return null;
    if (!(value instanceof Date)) return value as string | null;
    return group === 'day' ? dayOf(value, tz) : value.toISOString();
  };
  return { ...Object.fromEntries(groups.map((group) => [group, valueOf(group)])), simulated: row.simulated };
}

const FORMATS = new Map<string, Intl.DateTimeFormat>();

/** The date of the start of a day in a time zone. */
function dayOf(start: Date, tz: string): string {
  let format = FORMATS.get(tz);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en', { timeZone: tz, year: 'numeric', month: '2-digit', day: '2-digit' });
    FORMATS.set(tz, format);
  }
  const parts = new Map(format.formatToParts(start).map(({ type, value }) => [type, value]));
  return `${parts.get('year')}-${parts.get('month')}-${parts.get('day')}`;
}
