import type { SpendPeriod } from '@wan-image/core';
import { DataSource, In, type EntityManager } from 'typeorm';
import { Injectable } from '@nestjs/common';
import { KeySpendEntity } from './key-spend.entity.ts';

/** Thrown by a reservation that would exceed the limit of its API key, inside the transaction, which it rolls back. */
export class SpendLimitReached extends Error {
  override readonly name = 'SpendLimitReached';
}

/** An amount to reserve before anything is sent. */
export interface Reservation {
  readonly apiKeyId: string;
  readonly period: SpendPeriod;
  /** In millionths of the currency, like the limit. */
  readonly amount: number;
  readonly limit: number;
}

/**
 * Reserves an amount, in the transaction that records the generation. One statement checks and writes, so replicas that compete for the
 * last of a budget wait for each other on its row. Returns the start of the period, in UTC, by the database's clock: replicas whose own
 * clocks differ would otherwise count against different periods. Throws {@link SpendLimitReached}.
 */
export async function reserveSpend(manager: EntityManager, reservation: Reservation): Promise<Date> {
  const { apiKeyId, period, amount, limit } = reservation;
  const [row] = await manager.query<{ period_start: Date }[]>(
    `insert into key_spend (api_key_id, period_start, reserved, spent)
     select $1::uuid, case $2::text when 'total' then 'epoch' else date_trunc($2::text, now(), 'UTC') end, $3::bigint, 0
     where $3::bigint <= $4::bigint
     on conflict (api_key_id, period_start) do update set reserved = key_spend.reserved + excluded.reserved
       where key_spend.spent + key_spend.reserved + excluded.reserved <= $4::bigint
     returning period_start`,
    [apiKeyId, period, amount, limit],
  );
  if (row === undefined) throw new SpendLimitReached();
  return row.period_start;
}

/**
 * The part of a statement that ends generations which settles their reservations: CTEs `spend`, `spend_row` and `settled_spend`. `ended`
 * names a CTE of the statement with `api_key_id`, `spend_period_start`, `reserved`, the new `cost` and the previous one (`settled`, null if
 * nothing was settled yet): if the cost changes, the difference is corrected. `after` names the CTE that releases idempotency keys: it has
 * to come first, because requests lock their key before they reserve. Spends are locked in one order.
 */
export function settleSpendSql(ended: string, after: string): string {
  return `spend as materialized (
    select api_key_id, spend_period_start as period_start, sum(cost - coalesce(settled, 0)) as more,
      sum(case when settled is null then reserved else 0 end) as released
    from ${ended}
    where reserved is not null and spend_period_start is not null and (select count(*) from ${after}) >= 0
    group by api_key_id, spend_period_start
  ), spend_row as materialized (
    select api_key_id, period_start from key_spend join spend using (api_key_id, period_start)
    order by api_key_id, period_start for update of key_spend
  ), settled_spend as (
    update key_spend set spent = key_spend.spent + spend.more, reserved = key_spend.reserved - spend.released
    from spend join spend_row using (api_key_id, period_start)
    where key_spend.api_key_id = spend.api_key_id and key_spend.period_start = spend.period_start
  )`;
}

/** What an API key has spent in a currency, in millionths. */
export interface KeySpending {
  readonly apiKeyId: string;
  readonly currency: string;
  readonly total: number;
  readonly thisMonth: number;
}

/** Reads what API keys have spent. */
@Injectable()
export class SpendRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** The spends of these keys in all periods that began at one of these times. */
  async spendOf(apiKeyIds: readonly string[], starts: readonly Date[]): Promise<KeySpendEntity[]> {
    return this.dataSource.manager.findBy(KeySpendEntity, { apiKeyId: In(apiKeyIds), periodStart: In(starts) });
  }

  /** What these keys have spent, with a limit or without one, from the sums of the statistics. By currency. */
  spendingOf(apiKeyIds: readonly string[], month: Date): Promise<KeySpending[]> {
    return this.dataSource.query<KeySpending[]>(
      `select api_key_id as "apiKeyId", substr(one.key, 6) as currency, sum(one.value::bigint)::float8 as total,
         coalesce(sum(one.value::bigint) filter (where hour >= $2), 0)::float8 as "thisMonth"
       from usage_hour cross join lateral jsonb_each_text(costs) as one
       where api_key_id = any($1::uuid[]) group by 1, 2 order by 2`,
      [apiKeyIds, month],
    );
  }
}
