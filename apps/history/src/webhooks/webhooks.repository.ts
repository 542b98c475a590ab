import { MAX_WEBHOOKS, type ListQuery } from '@wan-image/core';
import { Injectable } from '@nestjs/common';
import { DataSource, IsNull, LessThan, type FindOptionsWhere } from 'typeorm';
import { TRANSACTION_LIMITS } from '../database/limits.ts';
import { ALL_PROJECTS, type ReadScope, type Scope } from '../domain/scope.ts';
import { WebhookEntity } from './webhook.entity.ts';

/** What may change of a webhook. */
export type WebhookChanges = Partial<
  Pick<WebhookEntity, 'url' | 'events' | 'description' | 'enabled' | 'disabledReason'>
>;

/** Why the pending deliveries of a webhook that somebody disables are not tried any more. */
const DISABLED_BY_REQUEST = 'The webhook was disabled.';

/** Ends what is pending of the webhooks that the CTE `disabled` returns, for the reason that it returns. */
const END_PENDING = `update webhook_delivery set state = 'undelivered', reason = disabled.reason, next_attempt_at = null
  from disabled where webhook_delivery.webhook_id = disabled.id and webhook_delivery.state = 'pending'`;

function isShown({ projectId }: ReadScope): FindOptionsWhere<WebhookEntity> {
  return { deletedAt: IsNull(), ...(projectId !== ALL_PROJECTS && { projectId }) };
}

/** Webhooks, and how disabling or deleting one ends its deliveries. */
@Injectable()
export class WebhooksRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Returns false if the project has as many as it may have. */
  async insert(webhook: WebhookEntity): Promise<boolean> {
    return this.dataSource.transaction(async (manager) => {
      await manager.query(TRANSACTION_LIMITS);
      // Of two that come at once, one would not see the other.
      await manager.query(`select pg_advisory_xact_lock(hashtextextended('webhooks of ' || $1, 0))`, [
        webhook.projectId,
      ]);
      const existing = await manager.countBy(WebhookEntity, isShown(webhook));
      if (existing >= MAX_WEBHOOKS) return false;
      await manager.insert(WebhookEntity, manager.create(WebhookEntity, webhook));
      return true;
    });
  }

  get(scope: ReadScope, id: string): Promise<WebhookEntity | null> {
    return this.dataSource.manager.findOneBy(WebhookEntity, { id, ...isShown(scope) });
  }

  /** Newest first, one more than `limit` if there are more. */
  list(scope: ReadScope, { limit, cursor }: ListQuery): Promise<WebhookEntity[]> {
    return this.dataSource.manager.find(WebhookEntity, {
      where: { ...isShown(scope), ...(cursor !== undefined && { id: LessThan(cursor) }) },
      order: { id: 'DESC' },
      take: limit + 1,
    });
  }

  /** Returns false if there is none. */
  async update({ projectId }: Scope, id: string, changes: WebhookChanges): Promise<boolean> {
    return this.dataSource.transaction(async (manager) => {
      await manager.query(TRANSACTION_LIMITS);
      const where = { id, projectId, deletedAt: IsNull() };
      const webhook = await manager.findOne(WebhookEntity, { where, lock: { mode: 'pessimistic_write' } });
      if (webhook === null) return false;
      if (Object.keys(changes).length > 0) await manager.update(WebhookEntity, where, changes);
      if (changes.enabled === false)
        await manager.query(`with disabled as (select $1::uuid as id, $2 as reason) ${END_PENDING}`, [
          id,
          DISABLED_BY_REQUEST,
        ]);
      return true;
    });
  }

  /** The one before is valid for a while. Returns false if there is none. */
  async rotateSecret({ projectId }: Scope, id: string, secret: string, overlapHours: number): Promise<boolean> {
    const [rows] = await this.dataSource.query<[unknown[], number]>(
      `update webhook set previous_secret = secret, previous_secret_until = now() + $4::int * interval '1 hour', secret = $3
       where id = $1 and project_id = $2 and deleted_at is null returning id`,
      [id, projectId, secret, overlapHours],
    );
    return rows.length > 0;
  }

  /** At once out of sight; its deliveries follow. Returns false if there is none. */
  async delete({ projectId }: Scope, id: string): Promise<boolean> {
    const [rows] = await this.dataSource.query<[unknown[], number]>(
      `update webhook set deleted_at = now(), enabled = false, secret = '', previous_secret = null
       where id = $1 and project_id = $2 and deleted_at is null returning id`,
      [id, projectId],
    );
    return rows.length > 0;
  }

  /** The endpoint at this URL wants no more. Returns whether the webhook is disabled now and was not before. */
  disable(id: string, url: string, reason: string): Promise<boolean> {
    return this.#disable('webhook.url = $2', [id, url, reason]);
  }

  /** Disables a webhook that had no success for so many days. Returns whether it did. */
  disableFailing(id: string, days: number, reason: string): Promise<boolean> {
    return this.#disable(
      `not exists (select from webhook_delivery where webhook_delivery.webhook_id = webhook.id
         and webhook_delivery.delivered_at > now() - $2::int * interval '1 day')`,
      [id, days, reason],
    );
  }

  async #disable(condition: string, values: readonly unknown[]): Promise<boolean> {
    const rows = await this.dataSource.query<unknown[]>(
      `with disabled as (
         update webhook set enabled = false, disabled_reason = $3
         where id = $1 and enabled and ${condition} returning id, disabled_reason as reason
       ), ended as (${END_PENDING})
       select id from disabled`,
      [...values],
    );
    return rows.length > 0;
  }

  /** Ends what was handed to webhooks in the moment in which they were disabled. */
  async endPendingOfDisabled(): Promise<void> {
    await this.dataSource.query(
      `with disabled as (select id, coalesce(disabled_reason, $1) as reason from webhook where not enabled) ${END_PENDING}`,
      [DISABLED_BY_REQUEST],
    );
  }

  /** Deletes deliveries of deleted webhooks, at most so many, then the webhooks themselves. Returns the number of deliveries. */
  async deleteRemains(limit: number): Promise<number> {
    const [rows] = await this.dataSource.query<[unknown[], number]>(
      `delete from webhook_delivery where id in (
         select webhook_delivery.id from webhook join webhook_delivery on webhook_delivery.webhook_id = webhook.id
         where webhook.deleted_at is not null limit $1) returning id`,
      [limit],
    );
    if (rows.length === 0)
      await this.dataSource.query(
        `delete from webhook where deleted_at is not null
           and not exists (select from webhook_delivery where webhook_delivery.webhook_id = webhook.id)`,
      );
    return rows.length;
  }
}
