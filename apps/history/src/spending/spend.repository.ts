import { DataSource, In, type EntityManager } from 'typeorm';
import { Injectable } from '@nestjs/common';
import { KeySpendEntity } from './key-spend.entity.ts';
import { SpendLimitReached, type Reservation } from './reservation.ts';

/**
 * Sets an amount aside, in the transaction that records the generation. One statement looks and writes, so replicas that race for the
 * last of a budget wait for each other in its row. Throws {@link SpendLimitReached}.
 */
export async function reserveSpend(manager: EntityManager, reservation: Reservation): Promise<void> {
  const { apiKeyId, periodStart, amount, limit } = reservation;
  const rows = await manager.query<unknown[]>(
    `insert into key_spend (api_key_id, period_start, reserved, spent)
     select $1::uuid, $2::timestamptz, $3::bigint, 0 where $3::bigint <= $4::bigint
     on conflict (api_key_id, period_start) do update set reserved = key_spend.reserved + excluded.reserved
       where key_spend.spent + key_spend.reserved + excluded.reserved <= $4::bigint
     returning api_key_id`,
    [apiKeyId, periodStart, amount, limit],
  );
  if (rows.length === 0) throw new SpendLimitReached();
}

/**
 * Makes the cost of generations that have ended what their rows say: nothing where nothing was billed, the images that came where they
 * came, and else the whole reservation. Call it in the transaction that writes state, outcome and images, and after them. It may be
 * called again when an outcome turns out to be another: it puts the difference right.
 */
export async function settleSpend(manager: EntityManager, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await manager.query(
    `with ended as (
       select id, api_key_id, spend_period_start, reserved, cost as settled,
         case
           when outcome = 'not_billed' then 0
           when state = 'succeeded' then reserved / (request ->> 'n')::integer * (
             select count(*) from generation_image where generation_id = generation.id and role = 'output')
           else reserved
         end as due
       from generation
       where id = any($1::uuid[]) and reserved is not null and finished_at is not null
       for update
     ), priced as (
       update generation set cost = due from ended where generation.id = ended.id and generation.id = any($1::uuid[])
     ), by_key as (
       select api_key_id, spend_period_start, sum(due - coalesce(settled, 0)) as more,
         sum(case when settled is null then reserved else 0 end) as freed
       from ended where spend_period_start is not null group by api_key_id, spend_period_start
     )
     update key_spend set spent = spent + more, reserved = key_spend.reserved - freed from by_key
     where key_spend.api_key_id = by_key.api_key_id and period_start = spend_period_start`,
    [ids],
  );
}

/** What keys have spent. */
@Injectable()
export class SpendRepository {
  readonly #dataSource: DataSource;

  constructor(dataSource: DataSource) {
    this.#dataSource = dataSource;
  }

  /** Of all their periods that began at one of these times. */
  async spendOf(apiKeyIds: readonly string[], starts: readonly Date[]): Promise<KeySpendEntity[]> {
    return this.#dataSource.manager.findBy(KeySpendEntity, { apiKeyId: In(apiKeyIds), periodStart: In(starts) });
  }
}
