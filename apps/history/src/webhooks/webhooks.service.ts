import { randomUUID } from 'node:crypto';
import {
  MAX_WEBHOOKS,
  WEBHOOK_EVENTS,
  type CreateWebhookRequest,
  type DeliveryListQuery,
  type ListQuery,
  type UpdateWebhookRequest,
  type WebhookDelivery,
  type WebhookDeliveryList,
  type WebhookList,
  type WebhookRecord,
  type WebhookWithSecret,
} from '@wan-image/core';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { DatabaseClock } from '../database/database-clock.ts';
import { ApiError, invalidRequest, notFound } from '../domain/api-error.ts';
import type { ReadScope, Scope } from '../domain/scope.ts';
import { ShutdownPhases } from '../jobs/shutdown-phases.ts';
import { bodyOf } from './event-bodies.service.ts';
import { newSecret, signedHeaders } from './signature.ts';
import { WebhookDeliveriesRepository } from './webhook-deliveries.repository.ts';
import type { WebhookDeliveryEntity } from './webhook-delivery.entity.ts';
import { WebhookDispatcher } from './webhook-dispatcher.service.ts';
import { WebhookEndpoints } from './webhook-endpoints.ts';
import type { WebhookEntity } from './webhook.entity.ts';
import { WebhooksRepository, type WebhookChanges } from './webhooks.repository.ts';

export const WEBHOOK = 'This webhook';
export const DELIVERY = 'This delivery';

/** How long the secret before a rotation stays valid. */
const OVERLAP_HOURS = 24;

/** How long a test may go on when the service shuts down. */
const GRACE_MS = 2_000;

/** The webhooks of a project, as people manage them. Throws an ApiError (404) for what is not within the scope. */
@Injectable()
export class WebhooksService implements OnModuleInit {
  readonly #abort = new AbortController();

  constructor(
    private readonly webhooks: WebhooksRepository,
    private readonly rows: WebhookDeliveriesRepository,
    private readonly endpoints: WebhookEndpoints,
    private readonly dispatcher: WebhookDispatcher,
    private readonly clock: DatabaseClock,
    private readonly shutdown: ShutdownPhases,
  ) {}

  onModuleInit(): void {
    // A request that waits for its test would hold up the server.
    this.shutdown.on('refuse', () => void setTimeout(() => this.#abort.abort(), GRACE_MS).unref());
  }

  /** Throws an ApiError if the URL is not public, or the project has too many. */
  async create({ projectId }: Scope, request: CreateWebhookRequest): Promise<WebhookWithSecret> {
    await this.#checkUrl(request.url);
    const createdAt = this.clock.now();
    const webhook: WebhookEntity = {
      id: uuidv7({ msecs: createdAt.getTime() }),
      projectId,
      url: request.url,
      events: [...(request.events ?? WEBHOOK_EVENTS)],
      description: request.description ?? null,
      enabled: request.enabled ?? true,
      disabledReason: null,
      secret: newSecret(),
      previousSecret: null,
      previousSecretUntil: null,
      createdAt,
      deletedAt: null,
    };
    if (!(await this.webhooks.insert(webhook))) throw tooMany();
    return { ...recordOf(webhook), secret: webhook.secret };
  }

  async list(scope: ReadScope, query: ListQuery): Promise<WebhookList> {
    return pageOf((await this.webhooks.list(scope, query)).map(recordOf), query.limit);
  }

  async get(scope: ReadScope, id: string): Promise<WebhookRecord> {
    return recordOf(await this.#find(scope, id));
  }

  async update(scope: Scope, id: string, request: UpdateWebhookRequest): Promise<WebhookRecord> {
    const { url, events, description, enabled } = request;
    if (url !== undefined) {
      // Whether the URL can be used is nobody's business who may not change the webhook.
      await this.#find(scope, id);
      await this.#checkUrl(url);
    }
    const changes: WebhookChanges = {
      ...(url !== undefined && { url }),
      ...(events !== undefined && { events: [...events] }),
      ...(description !== undefined && { description }),
      ...(enabled !== undefined && { enabled, disabledReason: null }),
    };
    if (!(await this.webhooks.update(scope, id, changes))) throw notFound(WEBHOOK);
    return this.get(scope, id);
  }

  async delete(scope: Scope, id: string): Promise<void> {
    if (!(await this.webhooks.delete(scope, id))) throw notFound(WEBHOOK);
  }

  async rotateSecret(scope: Scope, id: string): Promise<WebhookWithSecret> {
    const secret = newSecret();
    if (!(await this.webhooks.rotateSecret(scope, id, secret, OVERLAP_HOURS))) throw notFound(WEBHOOK);
    return { ...(await this.get(scope, id)), secret };
  }

  /** Sends a test event, also if the webhook is disabled, and returns what came of it. It is tried once. */
  async test(scope: Scope, id: string): Promise<WebhookDelivery> {
    const webhook = await this.#find(scope, id);
    const now = this.clock.now();
    const eventId = randomUUID();
    const body = bodyOf('webhook.test', now, { webhook_id: webhook.id });
    const headers = signedHeaders({ eventId, body }, secretsOf(webhook, now), now);
    const result = await this.endpoints.send(webhook.url, headers, body, { now, signal: this.#abort.signal });
    const delivery = await this.rows.insert({
      webhookId: webhook.id,
      projectId: webhook.projectId,
      eventId,
      type: 'webhook.test',
      generationId: null,
      imageIndex: null,
      eventState: null,
      eventOutcome: null,
      eventAt: now,
      body,
      state: result.isDelivered ? 'delivered' : 'undelivered',
      reason: result.reason,
      attempts: 1,
      scheduleStep: 1,
      responseStatus: result.status,
      responseBody: result.body,
      createdAt: now,
      attemptedAt: now,
      nextAttemptAt: null,
      deliveredAt: result.isDelivered ? this.clock.now() : null,
    });
    return deliveryOf(delivery);
  }

  async deliveries(scope: ReadScope, id: string, query: DeliveryListQuery): Promise<WebhookDeliveryList> {
    const webhook = await this.#find(scope, id);
    return pageOf((await this.rows.list(webhook.id, query)).map(deliveryOf), query.limit);
  }

  /** Begins to deliver once more. Throws an ApiError (409) if the delivery is pending, or its webhook disabled. */
  async redeliver(scope: Scope, id: string): Promise<WebhookDelivery> {
    const restarted = await this.rows.restart(scope, id);
    const delivery = await this.rows.get(scope, id);
    const webhook = delivery && (await this.webhooks.get(scope, delivery.webhookId));
    if (delivery === null || webhook === null) throw notFound(DELIVERY);
    if (!restarted) throw webhook.enabled ? stillPending() : stillDisabled(webhook);
    // A failure of the database is logged by the task that looks every second.
    this.dispatcher.tryDue().catch(() => undefined);
    return deliveryOf(delivery);
  }

  async #find(scope: ReadScope, id: string): Promise<WebhookEntity> {
    const webhook = await this.webhooks.get(scope, id);
    if (webhook === null) throw notFound(WEBHOOK);
    return webhook;
  }

  async #checkUrl(url: string): Promise<void> {
    const problem = await this.endpoints.problemOf(url);
    if (problem !== null) throw invalidRequest(problem, 'url');
  }
}

function secretsOf({ secret, previousSecret, previousSecretUntil }: WebhookEntity, now: Date): readonly string[] {
  const isOverlap = previousSecret !== null && previousSecretUntil !== null && previousSecretUntil > now;
  return isOverlap ? [secret, previousSecret] : [secret];
}

function tooMany(): ApiError {
  const message = `The project has ${MAX_WEBHOOKS} webhooks, and no project may have more. Delete one (DELETE /v1/webhooks/{id}), or add events to one.`;
  return conflict(message, 'too_many_webhooks');
}

function stillPending(): ApiError {
  return conflict(
    'The delivery is pending: it is tried anyway, at its next_attempt_at at the latest.',
    'still_pending',
  );
}

function stillDisabled({ id }: WebhookEntity): ApiError {
  const message = `The webhook of this delivery is disabled. Enable it first: PATCH /v1/webhooks/${id} with {"enabled": true}.`;
  return conflict(message, 'webhook_disabled');
}

function conflict(message: string, code: string): ApiError {
  return new ApiError(message, { status: 409, type: 'invalid_request_error', code });
}

interface Page<T> {
  readonly object: 'list';
  readonly data: T[];
  readonly has_more: boolean;
  readonly next_cursor: string | null;
}

function pageOf<T extends { readonly id: string }>(found: readonly T[], limit: number): Page<T> {
  const data = found.slice(0, limit);
  const hasMore = found.length > limit;
  return { object: 'list', data, has_more: hasMore, next_cursor: hasMore ? (data.at(-1)?.id ?? null) : null };
}

function recordOf(webhook: WebhookEntity): WebhookRecord {
  return {
    id: webhook.id,
    object: 'webhook',
    url: webhook.url,
    events: webhook.events,
    description: webhook.description,
    enabled: webhook.enabled,
    disabled_reason: webhook.disabledReason,
    created_at: webhook.createdAt.toISOString(),
  };
}

function deliveryOf(delivery: WebhookDeliveryEntity): WebhookDelivery {
  return {
    id: delivery.id,
    object: 'webhook_delivery',
    webhook_id: delivery.webhookId,
    event_id: delivery.eventId,
    type: delivery.type,
    generation_id: delivery.generationId,
    state: delivery.state,
    reason: delivery.reason,
    attempts: delivery.attempts,
    response_status: delivery.responseStatus,
    response_body: delivery.responseBody,
    created_at: delivery.createdAt.toISOString(),
    attempted_at: delivery.attemptedAt?.toISOString() ?? null,
    next_attempt_at: delivery.nextAttemptAt?.toISOString() ?? null,
    delivered_at: delivery.deliveredAt?.toISOString() ?? null,
  };
}
