import type { DeliveryListQuery } from '@wan-image/core';
import { Injectable } from '@nestjs/common';
import { DataSource, LessThan } from 'typeorm';
import { ALL_PROJECTS, type ReadScope, type Scope } from '../domain/scope.ts';
import { claimEntriesSql } from '../ledger/outbox.repository.ts';
import { WebhookDeliveryEntity } from './webhook-delivery.entity.ts';

/** A try that this process has claimed, and what it takes. */
export interface ClaimedTry extends Pick<
  WebhookDeliveryEntity,
  | 'id'
  | 'webhookId'
  | 'eventId'
  | 'type'
  | 'generationId'
  | 'imageIndex'
  | 'eventState'
  | 'eventOutcome'
  | 'eventAt'
  | 'body'
  | 'attempts'
  | 'scheduleStep'
> {
  readonly url: string;
  /** Those that are valid, the newest first. */
  readonly secrets: readonly string[];
}

/** What came of a try, for its row. */
export type TryFacts = Pick<WebhookDeliveryEntity, 'reason' | 'responseStatus' | 'responseBody'>;

/** UUID v7 of this moment, by the database's clock: version 4 with the time in its first six bytes, and the bits of the version set. */
const NEW_ID = `encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) placing
  substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3) from 1 for 6), 52, 1), 53, 1), 'hex')::uuid`;

/** Deliveries. Times are by the database's clock, which all replicas share. */
@Injectable()
export class WebhookDeliveriesRepository {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Hands the oldest events of the outbox to the webhooks that want them, in one statement: an event is lost by no crash, and handed to a
   * webhook once. Returns the number of events, those that no webhook wants included.
   */
  async handOut(limit: number): Promise<number> {
    const [row] = await this.dataSource.query<{ events: number }[]>(
      `with ${claimEntriesSql('announced', '$1')}, handed_out as (
         insert into webhook_delivery (id, webhook_id, project_id, event_id, type, generation_id, image_index, event_state,
           event_outcome, event_at, state, attempts, schedule_step, created_at, next_attempt_at)
         select ${NEW_ID}, webhook.id, entry.project_id, entry.id, entry.type, entry.generation_id, entry.image_index, entry.state,
           entry.outcome, entry.created_at, 'pending', 0, 0, now(), now()
         from entry join webhook on webhook.project_id = entry.project_id and webhook.enabled and entry.type = any(webhook.events)
       )
       select count(*)::int as events from entry`,
      [limit],
    );
    return row?.events ?? 0;
  }

  /**
   * Claims deliveries that are due: at most `free` together, and of each webhook at most `perWebhook` with those that are in flight here.
   * If the result of a try is not written before the lease ends, another process repeats it.
   */
  async claim(
    inFlight: ReadonlyMap<string, number>,
    { free, perWebhook, leaseMs }: { readonly free: number; readonly perWebhook: number; readonly leaseMs: number },
  ): Promise<readonly ClaimedTry[]> {
    const [rows] = await this.dataSource.query<[ClaimedTry[], number]>(
      `with busy as (select * from unnest($1::uuid[], $2::int[]) as one (webhook_id, tries)), due as materialized (
         select oldest.id from webhook left join busy on busy.webhook_id = webhook.id
         cross join lateral (
           select id, next_attempt_at from webhook_delivery
           where webhook_delivery.webhook_id = webhook.id and state = 'pending' and next_attempt_at <= now()
           order by next_attempt_at limit greatest(0, $4::int - coalesce(busy.tries, 0))
           for update skip locked
         ) as oldest
         where webhook.enabled
         order by oldest.next_attempt_at limit $3
       )
       update webhook_delivery as delivery set attempts = attempts + 1, schedule_step = schedule_step + 1, attempted_at = now(),
         next_attempt_at = now() + $5::int * interval '1 millisecond'
       from webhook
       where delivery.id in (select id from due) and webhook.id = delivery.webhook_id
       returning delivery.id, delivery.webhook_id as "webhookId", delivery.event_id as "eventId", delivery.type,
         delivery.generation_id as "generationId", delivery.image_index as "imageIndex", delivery.event_state as "eventState",
         delivery.event_outcome as "eventOutcome", delivery.event_at as "eventAt", delivery.body, delivery.attempts,
         delivery.schedule_step as "scheduleStep", webhook.url,
         array_remove(array[webhook.secret, case when webhook.previous_secret_until > now() then webhook.previous_secret end], null)
           as secrets`,
      [[...inFlight.keys()], [...inFlight.values()], free, perWebhook, leaseMs],
    );
    return rows;
  }

  /** Keeps the body of the first try, and returns the one that is kept: another process may have been faster. */
  async keepBody(id: string, body: string): Promise<string> {
    const [rows] = await this.dataSource.query<[{ body: string }[], number]>(
      'update webhook_delivery set body = coalesce(body, $2) where id = $1 returning body',
      [id, body],
    );
    return rows[0]?.body ?? body;
  }

  /** Does nothing if a later try has begun. What was delivered is, even if its webhook was disabled meanwhile. */
  async recordSuccess({ id, attempts }: ClaimedTry, facts: TryFacts): Promise<void> {
    await this.dataSource.query(
      `update webhook_delivery set state = 'delivered', delivered_at = now(), next_attempt_at = null, reason = $3,
         response_status = $4, response_body = $5
       where id = $1 and attempts = $2`,
      [id, attempts, facts.reason, facts.responseStatus, facts.responseBody],
    );
  }

  /** `pauseMs` is null after the last try. Returns false if a later try has begun, or the webhook was disabled meanwhile. */
  async recordFailure({ id, attempts }: ClaimedTry, facts: TryFacts, pauseMs: number | null): Promise<boolean> {
    const [rows] = await this.dataSource.query<[unknown[], number]>(
      `update webhook_delivery set state = case when $6::int is null then 'undelivered' else 'pending' end,
         next_attempt_at = now() + $6::int * interval '1 millisecond', reason = $3, response_status = $4, response_body = $5
       where id = $1 and attempts = $2 and state = 'pending' returning id`,
      [id, attempts, facts.reason, facts.responseStatus, facts.responseBody, pauseMs],
    );
    return rows.length > 0;
  }

  /** Lets another process repeat a try that this one did not finish. It does not count in the schedule. */
  async release({ id, attempts }: ClaimedTry): Promise<void> {
    await this.dataSource.query(
      `update webhook_delivery set next_attempt_at = now(), schedule_step = greatest(0, schedule_step - 1)
       where id = $1 and attempts = $2 and state = 'pending'`,
      [id, attempts],
    );
  }

  /** One that was tried already: a test. */
  async insert(delivery: Omit<WebhookDeliveryEntity, 'id'>): Promise<WebhookDeliveryEntity> {
    const { manager } = this.dataSource;
    const [row] = await manager.query<{ id: string }[]>(`select ${NEW_ID} as id`);
    if (row === undefined) throw new Error('The database made no id');
    const entity = { ...delivery, id: row.id };
    await manager.insert(WebhookDeliveryEntity, manager.create(WebhookDeliveryEntity, entity));
    return entity;
  }

  /** Newest first, one more than `limit` if there are more. Who asks may read the webhook. */
  list(webhookId: string, { limit, cursor, state }: DeliveryListQuery): Promise<WebhookDeliveryEntity[]> {
    return this.dataSource.manager.find(WebhookDeliveryEntity, {
      where: {
        webhookId,
        ...(state !== null && { state }),
        ...(cursor !== undefined && { id: LessThan(cursor) }),
      },
      order: { id: 'DESC' },
      take: limit + 1,
    });
  }

  get({ projectId }: ReadScope, id: string): Promise<WebhookDeliveryEntity | null> {
    const where = { id, ...(projectId !== ALL_PROJECTS && { projectId }) };
    return this.dataSource.manager.findOneBy(WebhookDeliveryEntity, where);
  }

  /** Begins the schedule of one that is not pending again. Returns false if it is pending, its webhook disabled, or there is none. */
  async restart({ projectId }: Scope, id: string): Promise<boolean> {
    const [rows] = await this.dataSource.query<[unknown[], number]>(
      `update webhook_delivery as delivery set state = 'pending', schedule_step = 0, next_attempt_at = now(), reason = null,
         delivered_at = null
       from webhook
       where delivery.id = $1 and delivery.project_id = $2 and delivery.state <> 'pending'
         and webhook.id = delivery.webhook_id and webhook.enabled
       returning delivery.id`,
      [id, projectId],
    );
    return rows.length > 0;
  }

  /** Deletes those that are older, at most so many, and returns their number. */
  async deleteOlder(days: number, limit: number): Promise<number> {
    const [rows] = await this.dataSource.query<[unknown[], number]>(
      `delete from webhook_delivery where id in (
         select id from webhook_delivery where created_at < now() - $1::int * interval '1 day' order by created_at limit $2)
       returning id`,
      [days, limit],
    );
    return rows.length;
  }

  /**
   * Forgets the bodies of generations that were deleted for good, of those among the next `limit` deliveries after an id that are not
   * pending. Returns the id of the last one that it looked at; null at the end.
   */
  async forgetPurged(after: string | null, limit: number): Promise<string | null> {
    // A subquery of each row, not a join: the planner could read all generations for it.
    const rows = await this.dataSource.query<{ id: string }[]>(
      `with next as (
         select id, generation_id from webhook_delivery where ($1::uuid is null or id > $1) order by id limit $2
       ), forgotten as (
         update webhook_delivery set body = null, response_body = null from next
         where webhook_delivery.id = next.id and webhook_delivery.state <> 'pending' and webhook_delivery.body is not null
           and next.generation_id is not null
           and coalesce((select false from generation where generation.id = next.generation_id), true)
       )
       select id from next order by id`,
      [after, limit],
    );
    return rows.length < limit ? null : (rows.at(-1)?.id ?? null);
  }
}
