import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { LOST } from './json-rows.repository.ts';

/**
 * What happened to generations is noted in the outbox by the statement that does it: nothing is noted that did not happen, and nothing that
 * happened is missing. Each entry has the event, if it is one for webhooks, and how it changes the figures of statistics: `added` and
 * `removed` are objects of numbers, by the names of {@link endFiguresSql} and {@link imageFiguresSql}. They are differences, so the order
 * in which entries are counted does not matter. `is_purge` says that what is removed was deleted for good: it stays counted.
 */

/** Who reads the outbox: each has every entry that is for it once. */
export type OutboxConsumer = 'announced' | 'counted';

/** The width of the buckets of latencies: each ends at so many times its start, from 1 ms. A value is known to half of it: 4.9 %. */
export const LATENCY_STEP = 1.1;

/**
 * The figures of an ended generation: its state, `unknown`, `cost:<currency>` in millionths, `failure:<code>`, and `latency:<bucket>` from
 * sending it to its end. `row` names a row of `generation`.
 */
export function endFiguresSql(row: string): string {
  const milliseconds = `extract(epoch from ${row}.finished_at - ${row}.sent_at)::float8 * 1000`;
  return `jsonb_strip_nulls(jsonb_build_object(
    ${row}.state, 1,
    'unknown', case when ${row}.outcome = 'unknown' then 1 end,
    'cost:' || coalesce(${row}.currency, ''), nullif(${row}.cost, 0),
    'failure:' || coalesce(${row}.error ->> 'code', ${row}.error ->> 'type', 'unknown'), case when ${row}.state = 'failed' then 1 end,
    'latency:' || coalesce(floor(ln(greatest(${milliseconds}, 1)) / ln(${LATENCY_STEP}::float8))::integer, 0),
    case when ${row}.state = 'succeeded' and ${row}.sent_at is not null then 1 end))`;
}

/**
 * The figures of output images: an aggregate over rows of `generation_image`, null without any. `isVisible` says which are neither in the
 * bin nor deleted for good.
 */
export function imageFiguresSql(row: string, isVisible: string): string {
  return `case when count(*) filter (where ${row}.role = 'output') > 0 then jsonb_build_object(
    'images', count(*) filter (where ${row}.role = 'output'),
    'visible_images', count(*) filter (where ${row}.role = 'output' and ${isVisible}),
    'stored_bytes', coalesce(sum(${row}.bytes) filter (where ${row}.role = 'output' and ${row}.sha256 is not null), 0)) end`;
}

/** Whether an image by itself is neither in the bin nor deleted for good. */
export const IS_VISIBLE_IMAGE = `(image.deleted_at is null and image.state is distinct from 'deleted')`;

/** The columns of an entry that say what it is about, from a row of `generation`. */
export const SUBJECT_COLUMNS = 'generation_id, project_id, model, source, api_key_id, simulated, hour';

export function subjectSql(row: string): string {
  return `${row}.id, ${row}.project_id, ${row}.model, ${row}.source, ${row}.api_key_id, ${row}.simulated,
    date_trunc('hour', ${row}.created_at, 'UTC')`;
}

/** What of a generation {@link subjectSql} needs, for a CTE that returns it. */
export const SUBJECT = `generation.id, generation.project_id, generation.model, generation.source, generation.api_key_id,
      generation.simulated, generation.created_at`;

/**
 * Parts of a statement, or the only ones, that hand entries of the outbox to a consumer: CTE `entry`, the oldest ones that no other process
 * has at the same time, acknowledged as soon as the transaction commits. An entry that all consumers have is deleted. `limit` is the
 * parameter of their number.
 */
export function claimEntriesSql(consumer: OutboxConsumer, limit: string): string {
  return claimSql(consumer, `order by created_at limit ${limit} for update skip locked`);
}

/** As {@link claimEntriesSql}, of all entries for which the condition holds; it waits for those that another process has. */
export function claimEntriesWhereSql(consumer: OutboxConsumer, condition: string): string {
  return claimSql(consumer, `and ${condition} order by id for update`);
}

function claimSql(consumer: OutboxConsumer, which: string): string {
  const other = consumer === 'announced' ? 'counted' : 'announced';
  return `entry as materialized (
    select * from outbox where not ${consumer} ${which}
  ), acknowledged as (
    update outbox set ${consumer} = true from entry where outbox.id = entry.id and not entry.${other}
  ), done as (
    delete from outbox using entry where outbox.id = entry.id and entry.${other}
  )`;
}

/** An entry for the figures alone. */
export function figuresEntrySql(added: string, removed: string, subject: string, isPurge = false): string {
  return `insert into outbox (${SUBJECT_COLUMNS}, added, removed, is_purge, announced, counted)
    select ${subjectSql(subject)}, ${added}, ${removed}, ${isPurge}, true, false`;
}

/**
 * Statement that notes what became of single output images: an event for each one that is lost, the bytes of each one that is stored now.
 * `changed` names a CTE with `generation_id`, `role`, `index`, the new `state`, `bytes`, and `is_stored`.
 */
export function imageEntriesSql(changed: string): string {
  return `insert into outbox (${SUBJECT_COLUMNS}, type, state, outcome, image_index, added, announced, counted)
    select ${subjectSql('generation')}, case when ${changed}.state = '${LOST.state}' then 'image.lost' end, generation.state, generation.outcome,
      case when ${changed}.state = '${LOST.state}' then ${changed}.index end,
      case when is_stored then jsonb_build_object('stored_bytes', ${changed}.bytes) end,
      ${changed}.state <> '${LOST.state}', not is_stored
    from ${changed} join generation on generation.id = ${changed}.generation_id
    where ${changed}.role = 'output' and (is_stored or ${changed}.state = '${LOST.state}') and generation.id = any($1::uuid[])`;
}

/** Reads how far the consumers of the outbox are. */
@Injectable()
export class OutboxRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** For how many seconds the oldest entry has waited for each consumer; null if none waits. */
  async waitingSeconds(): Promise<Readonly<Record<OutboxConsumer, number | null>>> {
    const since = (consumer: OutboxConsumer): string =>
      `(select extract(epoch from now() - min(created_at))::float8 from outbox where not ${consumer}) as ${consumer}`;
    const [found] = await this.dataSource.query<Record<OutboxConsumer, number | null>[]>(
      `select ${since('announced')}, ${since('counted')}`,
    );
    return found ?? { announced: null, counted: null };
  }
}
