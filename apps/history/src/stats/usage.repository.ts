import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { TRANSACTION_LIMITS } from '../database/limits.ts';
import { firstIdOf } from '../database/partitions.ts';
import { retriedTransaction } from '../database/retried-transaction.ts';
import {
  claimEntriesSql,
  claimEntriesWhereSql,
  endFiguresSql,
  imageFiguresSql,
  IS_VISIBLE_IMAGE,
} from '../ledger/outbox.repository.ts';
import { packedLatencySql } from './latency.ts';
import { NO_API_KEY } from './usage-hour.entity.ts';

/** In place of all values that an hour has no room for. */
export const OTHER = 'other';

const HOUR_MS = 3_600_000;

const FIGURES = ['succeeded', 'failed', 'canceled', 'unknown', 'images', 'stored_bytes', 'latencies'] as const;

/** A table of figures, with the columns that its rows are keyed by. */
interface UsageTable {
  readonly name: 'usage_hour' | 'usage_hour_model';
  readonly insert: string;
  readonly key: string;
}

const WHOLE: UsageTable = {
  name: 'usage_hour',
  insert: 'insert into usage_hour',
  key: 'project_id, hour, model, source, api_key_id, simulated, is_purged',
};
/** The same by model alone: what is not grouped by more is read from a fraction of the rows. */
const BY_MODEL: UsageTable = {
  name: 'usage_hour_model',
  insert: 'insert into usage_hour_model',
  key: 'project_id, hour, model, simulated, is_purged',
};

/** Rows of `figure`, one for each number of a JSON object. */
function figuresOfSql(from: string, object: string, sign: '' | '-', isPurged: boolean, where = 'true'): string {
  return `select project_id, hour, model, source, coalesce(api_key_id, '${NO_API_KEY}') as api_key_id, simulated,
      ${isPurged} as is_purged, ${FIGURE_NAME} as name, ${sign}(${FIGURE_VALUE}) as value
    from ${from} cross join jsonb_each_text(${object}) as one where ${where}`;
}

/** The latencies of all buckets are one figure. */
const FIGURE_NAME = `case when one.key like 'latency:%' then 'latencies' else one.key end`;
const FIGURE_VALUE = `case when one.key like 'latency:%' then ${packedLatencySql('substr(one.key, 9)', 'one.value')} else one.value::numeric end`;

/** What entries of the outbox change. What was deleted for good stays counted, but is not in the bin or out of it. */
function entryFiguresSql(): string {
  return `${figuresOfSql('entry', 'added', '', false)}
    union all ${figuresOfSql('entry', 'removed', '-', false)}
    union all ${purgedFiguresSql()}`;
}

function purgedFiguresSql(): string {
  return figuresOfSql('entry', 'removed', '', true, `is_purge and one.key <> 'visible_images'`);
}

/** What clients and the upstream name as they like. An hour knows so many values of it, the most frequent ones at first; all others are one. */
interface Names {
  readonly name: 'source' | 'failure';
  readonly max: number;
  readonly other: string;
  /** The column of the rows of figures. */
  readonly column: string;
  /** Which of these rows have a value, and what it counts for. */
  readonly condition: string;
  readonly weight: string;
}

const SOURCES: Names = {
  name: 'source',
  max: 50,
  other: OTHER,
  column: 'source',
  condition: 'true',
  weight: `sum(new.value) filter (where new.name in ('succeeded', 'failed', 'canceled'))`,
};
const FAILURES: Names = {
  name: 'failure',
  max: 20,
  other: `failure:${OTHER}`,
  column: 'name',
  condition: `new.name like 'failure:%'`,
  weight: 'sum(new.value)',
};

/** The CTE `named_<name>`: the values that hours know, after those of the CTE `figure` are added. */
function namesSql({ name, max, other, column, condition, weight }: Names): string {
  return `new_${name} as (
    select new.project_id, new.hour, new.${column} as value,
      row_number() over (partition by new.project_id, new.hour order by ${weight} desc nulls last, new.${column}) as place
    from figure as new left join known_${name} as known
      on known.project_id = new.project_id and known.hour = new.hour and known.value = new.${column}
    where known.value is null and new.${column} <> '${other}' and ${condition}
    group by new.project_id, new.hour, new.${column}
  ), named_${name} as (
    select project_id, hour, value from known_${name}
    union all
    select project_id, hour, value from new_${name} as new
    where place <= ${max} - (
      select count(*) from known_${name} as known where known.project_id = new.project_id and known.hour = new.hour)
  )`;
}

/** Parts of a statement: `named`, the rows of the CTE `figure` with the sources and failures that their hours know. */
const NAMED = `counted_hour as materialized (
    select counted.* from (select distinct project_id, hour from figure) as changing cross join lateral (
      select project_id, hour, source, failures from usage_hour
      where usage_hour.project_id = changing.project_id and usage_hour.hour = changing.hour
      -- Looked up hour by hour: the planner does not know how few there are, and would read the whole table.
      offset 0
    ) as counted
  ), known_source as (
    select distinct project_id, hour, source as value from counted_hour where source <> '${SOURCES.other}'
  ), known_failure as (
    select distinct project_id, hour, one.key as value
    from counted_hour cross join lateral jsonb_object_keys(failures) as one (key) where one.key <> '${FAILURES.other}'
  ), ${namesSql(SOURCES)}, ${namesSql(FAILURES)}, named as (
    select figure.project_id, figure.hour, model, coalesce(named_source.value, '${SOURCES.other}') as source, api_key_id, simulated, is_purged,
      case when name like 'failure:%' then coalesce(named_failure.value, '${FAILURES.other}') else name end as name, figure.value
    from figure
      left join named_source on named_source.project_id = figure.project_id and named_source.hour = figure.hour
        and named_source.value = figure.source
      left join named_failure on named_failure.project_id = figure.project_id and named_failure.hour = figure.hour
        and named_failure.value = figure.name
  )`;

/** A failure that an hour knows stays known at zero; a currency does not. */
const merged = (table: string, column: 'costs' | 'failures'): string => `${column} = case
        when excluded.${column} = '{}' then ${table}.${column}
        else (
          select coalesce(jsonb_object_agg(name, value), '{}') from (
            select one.key as name, sum(one.value::bigint) as value from (
              select * from jsonb_each_text(${table}.${column}) union all select * from jsonb_each_text(excluded.${column})
            ) as one group by one.key
          ) as merged${column === 'costs' ? ' where value <> 0' : ''})
      end`;

/** Parts of a statement that add rows to the figures of a table. In the order of the key, because replicas count at the same time. */
function addSql({ name: table, insert, key }: UsageTable, from: string): string {
  const sparse = (column: string, prefix: string): string =>
    `coalesce(jsonb_object_agg(name, value) filter (where name like '${prefix}:%' and value <> 0), '{}') as ${column}`;
  const fixed = FIGURES.map(
    (name) =>
      `coalesce(sum(value) filter (where name = '${name}'), 0)${name === 'latencies' ? '' : '::bigint'} as ${name}`,
  );
  const columns = [...FIGURES, 'costs', 'failures'].join(', ');
  const isSome = [...FIGURES.map((name) => `${name} <> 0`), `costs <> '{}'`, `failures <> '{}'`];
  return `${table}_sum as (
    select ${key}, name, sum(value) as value from ${from} where name <> 'visible_images' group by ${key}, name
  ), ${table}_change as (
    select ${key}, ${fixed.join(', ')}, ${sparse('costs', 'cost')}, ${sparse('failures', 'failure')}
    from ${table}_sum group by ${key}
  ), ${table}_added as (
    ${insert} (${key}, ${columns})
    select ${key}, ${columns} from ${table}_change where ${isSome.join(' or ')}
    order by ${key}
    on conflict (${key}) do update set
      ${FIGURES.map((name) => `${name} = ${table}.${name} + excluded.${name}`).join(', ')},
      ${merged(table, 'costs')},
      ${merged(table, 'failures')}
  )`;
}

/** The part of a statement that adds rows to the images that each hour shows. */
function addVisibleSql(from: string): string {
  return `visible_change as (
    select project_id, hour, sum(value)::bigint as images from ${from}
    where name = 'visible_images' and not is_purged group by project_id, hour
  ), visible_added as (
    insert into visible_images_hour (project_id, hour, images)
    select project_id, hour, images from visible_change where images <> 0 order by project_id, hour
    on conflict (project_id, hour) do update set images = visible_images_hour.images + excluded.images
  )`;
}

/** The figures of the generations of an hour, from their rows, as `figure` has them. */
const COUNTED = `select generation.project_id, date_trunc('hour', generation.created_at, 'UTC') as hour, model, source,
      coalesce(api_key_id, '${NO_API_KEY}') as api_key_id, simulated, false as is_purged, ${FIGURE_NAME} as name, ${FIGURE_VALUE} as value
    from generation cross join lateral (
      select ${imageFiguresSql('image', `generation.deleted_at is null and ${IS_VISIBLE_IMAGE}`)} as figures
      from generation_image as image where image.generation_id = generation.id and image.generation_id >= $3 and image.generation_id < $4
    ) as images cross join lateral jsonb_each_text(
      coalesce(images.figures, '{}') || case when finished_at is null then '{}' else ${endFiguresSql('generation')} end
    ) as one
    where generation.id >= $3 and generation.id < $4`;

/** What the rows of an hour say so far, negative. The columns that a table does not have are the same in all rows. */
function beforeSql({ name: table, key }: UsageTable): string {
  const columns = ['source', 'api_key_id'].map((name) => (key.includes(name) ? name : `null as ${name}`)).join(', ');
  return `select project_id, hour, model, ${columns}, simulated, is_purged, one.name, -one.value as value
    from ${table} cross join lateral (
      select * from (values ${FIGURES.map((name) => `('${name}', ${name})`).join(', ')}) as fixed (name, value)
      union all select key, value::numeric from jsonb_each_text(costs || failures)
    ) as one
    where hour >= $1 and hour < $2 and not is_purged and one.value <> 0`;
}

const VISIBLE_BEFORE = `select project_id, hour, null as model, null as source, null as api_key_id, null as simulated, false as is_purged,
      'visible_images' as name, -images as value
    from visible_images_hour where hour >= $1 and hour < $2`;

/** Writes the figures of statistics. */
@Injectable()
export class UsageRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Counts entries of the outbox, in the transaction that acknowledges them: each once. Returns how many. */
  async addEntries(limit: number): Promise<number> {
    return retriedTransaction(this.dataSource, async (manager) => {
      await manager.query(TRANSACTION_LIMITS);
      const [found] = await manager.query<{ entries: string }[]>(
        `with ${claimEntriesSql('counted', '$1')}, figure as materialized (${entryFiguresSql()}),
         ${NAMED}, ${addSql(WHOLE, 'named')}, ${addSql(BY_MODEL, `${WHOLE.name}_sum`)}, ${addVisibleSql('named')}
         select count(*) as entries from entry`,
        [limit],
      );
      return Number(found?.entries);
    });
  }

  /**
   * Counts an hour again from the rows of its generations. Nobody else counts meanwhile. One statement, so that rows and entries are of the
   * same moment: what is in the rows is acknowledged with them.
   */
  async recount(manager: EntityManager, hour: Date): Promise<void> {
    const end = new Date(hour.getTime() + HOUR_MS);
    await manager.query('lock table usage_hour, usage_hour_model, visible_images_hour in share row exclusive mode');
    // Each table has its own difference, so that all are right afterwards, whatever they were.
    await manager.query(
      `with ${claimEntriesWhereSql('counted', 'hour >= $1 and hour < $2')}, figure as materialized (
         ${COUNTED} union all ${purgedFiguresSql()}
       ), ${NAMED}, whole as (
         select * from named union all ${beforeSql(WHOLE)}
       ), by_model as (
         select * from named union all ${beforeSql(BY_MODEL)}
       ), visible as (
         select * from named union all ${VISIBLE_BEFORE}
       ), ${addSql(WHOLE, 'whole')}, ${addSql(BY_MODEL, 'by_model')}, ${addVisibleSql('visible')} select`,
      [hour, end, firstIdOf(hour), firstIdOf(end)],
    );
  }

  /** Counts the next hour from a time on again. Returns the time after it; null if there is none. */
  recountNext(from: Date): Promise<Date | null> {
    return retriedTransaction(this.dataSource, async (manager) => {
      await manager.query(TRANSACTION_LIMITS);
      const hour = await this.nextHour(manager, from);
      if (hour === null) return null;
      await this.recount(manager, hour);
      return new Date(hour.getTime() + HOUR_MS);
    });
  }

  /** The first hour from a time on that has generations, or had images when it was counted; null if there is none. */
  async nextHour(manager: EntityManager, from: Date): Promise<Date | null> {
    const [found] = await manager.query<{ hour: Date | null }[]>(
      `select date_trunc('hour', least(
         (select created_at from generation where id >= $1 order by id limit 1),
         (select hour from visible_images_hour where hour >= $2 order by hour limit 1)
       ), 'UTC') as hour`,
      [firstIdOf(from), from],
    );
    return found?.hour ?? null;
  }
}
