import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { DatabaseClock } from '../database/database-clock.ts';
import { isDatabaseUnavailable } from '../database/unavailable.ts';
import { PeriodicTasks } from '../jobs/periodic-tasks.ts';
import { ShutdownPhases } from '../jobs/shutdown-phases.ts';
import { withNewContext } from '../telemetry/context.ts';
import { LOGGER } from '../telemetry/logger.ts';
import { EventBodies } from './event-bodies.service.ts';
import { pauseAfter } from './retry-schedule.ts';
import { signedHeaders } from './signature.ts';
import { WebhookDeliveriesRepository, type ClaimedTry, type TryFacts } from './webhook-deliveries.repository.ts';
import { GONE, WebhookEndpoints, type TryResult } from './webhook-endpoints.ts';
import { WebhooksRepository } from './webhooks.repository.ts';

const INTERVAL_MS = 1_000;

/** Events that one statement hands out. */
const BATCH = 500;

/** Tries in flight in this process: of one webhook, so that a slow endpoint holds up no other, and together. */
const MAX_OF_WEBHOOK = 4;
const MAX_TRIES = 128;

/** How long a try may take with what belongs to it, before another process repeats it. */
const LEASE_MS = 60_000;

/** How long a webhook may fail before it is disabled. */
const FAILING_DAYS = 3;

/** How long tries in flight may go on when the service shuts down. */
const GRACE_MS = 2_000;

const GONE_REASON = `The endpoint responded with status ${GONE}: it wants no more events, so the webhook was disabled.`;
const FAILING_REASON = `No delivery succeeded for ${FAILING_DAYS} days, so the webhook was disabled. Fix its endpoint, test it, and enable it again.`;

/** Hands events of the outbox to webhooks, and tries deliveries until they succeed or their schedule ends. */
@Injectable()
export class WebhookDispatcher implements OnModuleInit {
  readonly #inFlight = new Map<string, { readonly webhookId: string; readonly ended: Promise<void> }>();
  readonly #abort = new AbortController();
  #isStopping = false;
  #claiming: Promise<void> | null = null;
  #isClaimWanted = false;

  constructor(
    private readonly webhooks: WebhooksRepository,
    private readonly deliveries: WebhookDeliveriesRepository,
    private readonly bodies: EventBodies,
    private readonly endpoints: WebhookEndpoints,
    private readonly clock: DatabaseClock,
    private readonly tasks: PeriodicTasks,
    private readonly shutdown: ShutdownPhases,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.tasks.register('webhooks', INTERVAL_MS, async () => {
      await this.#handOut();
      await this.tryDue();
    });
    this.shutdown.on('stop', () => this.#stop());
  }

  /** Begins to try what is due. Resolves when that is claimed, not when it is delivered. */
  tryDue(): Promise<void> {
    this.#isClaimWanted = true;
    this.#claiming ??= this.#claimAll().finally(() => (this.#claiming = null));
    return this.#claiming;
  }

  async #handOut(): Promise<void> {
    let events = BATCH;
    while (events === BATCH && !this.#isStopping) events = await this.deliveries.handOut(BATCH);
  }

  async #claimAll(): Promise<void> {
    while (this.#isClaimWanted && !this.#isStopping) {
      this.#isClaimWanted = false;
      const free = MAX_TRIES - this.#inFlight.size;
      if (free <= 0) return;
      const claimed = await this.deliveries.claim(this.#inFlightOfWebhooks(), {
        free,
        perWebhook: MAX_OF_WEBHOOK,
        leaseMs: LEASE_MS,
      });
      // The same event for several webhooks has one body.
      const bodies = new Map<string, Promise<string>>();
      for (const one of claimed) this.#begin(one, bodies);
    }
  }

  #inFlightOfWebhooks(): ReadonlyMap<string, number> {
    const tries = new Map<string, number>();
    for (const { webhookId } of this.#inFlight.values()) tries.set(webhookId, (tries.get(webhookId) ?? 0) + 1);
    return tries;
  }

  #begin(one: ClaimedTry, bodies: Map<string, Promise<string>>): void {
    const ended = withNewContext({}, () => this.#perform(one, bodies)).finally(() => {
      const ofWebhook = this.#inFlightOfWebhooks().get(one.webhookId) ?? 0;
      const isFull = this.#inFlight.size >= MAX_TRIES || ofWebhook >= MAX_OF_WEBHOOK;
      this.#inFlight.delete(key);
      // Others may have waited for this slot. If there was room, they did not.
      if (isFull) this.tryDue().catch((error: unknown) => this.#warn(error, one));
    });
    const key = `${one.id} ${one.attempts}`;
    this.#inFlight.set(key, { webhookId: one.webhookId, ended });
  }

  /** Never rejects. If a result cannot be written, the lease makes another try. */
  async #perform(one: ClaimedTry, bodies: Map<string, Promise<string>>): Promise<void> {
    try {
      if (this.#abort.signal.aborted) return await this.deliveries.release(one);
      const body = one.body ?? (await this.#firstBody(one, bodies));
      const now = this.clock.now();
      const headers = signedHeaders({ eventId: one.eventId, body }, one.secrets, now);
      const result = await this.endpoints.send(one.url, headers, body, { now, signal: this.#abort.signal });
      if (result.isAborted) await this.deliveries.release(one);
      else await this.#record(one, result);
    } catch (error) {
      this.#warn(error, one);
    }
  }

  async #firstBody(one: ClaimedTry, bodies: Map<string, Promise<string>>): Promise<string> {
    const body = bodies.get(one.eventId) ?? this.bodies.of(one);
    bodies.set(one.eventId, body);
    return this.deliveries.keepBody(one.id, await body);
  }

  async #record(one: ClaimedTry, { isDelivered, reason, status, body, retryAfterMs }: TryResult): Promise<void> {
    const facts: TryFacts = { reason, responseStatus: status, responseBody: body };
    if (isDelivered) return this.deliveries.recordSuccess(one, facts);
    const { id, webhookId, attempts, scheduleStep } = one;
    this.logger.warn({ webhook_id: webhookId, delivery_id: id, status, attempts }, 'a delivery to a webhook failed');
    const pauseMs = status === GONE ? null : pauseAfter(scheduleStep, retryAfterMs, Math.random());
    const isRecorded = await this.deliveries.recordFailure(one, facts, pauseMs);
    if (status === GONE) this.#disabled(one, await this.webhooks.disable(webhookId, one.url, GONE_REASON));
    else if (isRecorded && pauseMs === null)
      this.#disabled(one, await this.webhooks.disableFailing(webhookId, FAILING_DAYS, FAILING_REASON));
  }

  #disabled({ webhookId }: ClaimedTry, isDisabled: boolean): void {
    if (isDisabled) this.logger.warn({ webhook_id: webhookId }, 'a webhook was disabled');
  }

  #warn(error: unknown, { id, webhookId }: ClaimedTry): void {
    const facts = { err: error, webhook_id: webhookId, delivery_id: id };
    if (isDatabaseUnavailable(error)) this.logger.warn(facts, 'a delivery to a webhook waits for the database');
    else this.logger.error(facts, 'a delivery to a webhook could not be recorded');
  }

  /** Nothing new begins. What is in flight gets a short while; what remains is tried again by another process. */
  async #stop(): Promise<void> {
    this.#isStopping = true;
    const timer = setTimeout(() => this.#abort.abort(), GRACE_MS);
    try {
      await this.#claiming?.catch(() => undefined);
      await Promise.all([...this.#inFlight.values()].map(({ ended }) => ended));
    } finally {
      clearTimeout(timer);
    }
  }
}
