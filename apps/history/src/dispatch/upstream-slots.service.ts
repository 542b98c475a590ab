import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { UPSTREAM_LIMITS, type UpstreamLimits } from '../config/slices.ts';
import { LedgerRepository, type SentGeneration } from '../ledger/ledger.repository.ts';
import { withNewContext } from '../telemetry/context.ts';
import { LOGGER } from '../telemetry/logger.ts';
import { UpstreamSlotsRepository } from './upstream-slots.repository.ts';
import { LEASE_MS, WorkerLeases } from './worker-leases.service.ts';

/** Time between two looks for a free slot while something waits, and how many of them there are to one for what waits no more. */
const LOOK_MS = 200;
const RECONCILE_EVERY = 10;

/** How many looks more there are for releasing slots when the service shuts down. */
const LAST_LOOKS = 5;

/**
 * A fair semaphore over all processes: the slots of the upstream. The queue is the table of generations; this is where those wait that
 * run in this process.
 */
@Injectable()
export class UpstreamSlots {
  readonly #waiting = new Map<string, (sentAt: Date | null) => void>();
  /** Slots with which nothing was sent, until the database takes them back: by the generation's id. */
  readonly #unused = new Map<string, SentGeneration>();
  #looking: Promise<void> | null = null;
  #looksLeft = Infinity;
  #wake: AbortController | null = null;

  constructor(
    private readonly repository: UpstreamSlotsRepository,
    private readonly leases: WorkerLeases,
    private readonly ledger: LedgerRepository,
    @Inject(UPSTREAM_LIMITS) private readonly limits: UpstreamLimits,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Whether there is anything to wait for. */
  get isLimited(): boolean {
    return this.limits.concurrency !== null || this.limits.perMinute !== null;
  }

  /** When the queued generation was sent, which is committed then; null where it is no longer for this process to send. */
  acquire(id: string): Promise<Date | null> {
    if (!this.isLimited) return this.ledger.markSent(id, this.leases.workerId);
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      // For all that wait, not for the request that happens to come first.
      this.#looking ??= withNewContext({}, () => this.#look());
    });
  }

  /** A slot may be free. */
  notifyReleased(): void {
    this.#wake?.abort();
  }

  /** Stops waiting: another process has ended or claimed it, or is to. */
  abandon(id: string): void {
    this.#settle(id, null);
  }

  /** Call it when nothing waits any more: releases what is left to be released, as far as the database takes it. */
  async end(): Promise<void> {
    this.#looksLeft = LAST_LOOKS;
    await this.#looking;
  }

  #settle(id: string, sentAt: Date | null): void {
    this.#waiting.get(id)?.(sentAt);
    this.#waiting.delete(id);
  }

  get #isIdle(): boolean {
    return this.#waiting.size === 0 && (this.#unused.size === 0 || this.#looksLeft <= 0);
  }

  async #look(): Promise<void> {
    for (let pass = 1; !this.#isIdle; pass++) {
      this.#looksLeft--;
      try {
        await this.#lookOnce(pass % RECONCILE_EVERY === 0);
      } catch (error) {
        this.logger.error({ err: error }, 'no slot of the upstream could be acquired yet');
      }
      if (this.#isIdle) break;
      this.#wake = new AbortController();
      await sleep(LOOK_MS, undefined, { signal: this.#wake.signal }).catch(() => undefined);
    }
    this.#looking = null;
  }

  async #lookOnce(reconciles: boolean): Promise<void> {
    if (this.#waiting.size > 0) await this.#acquireNext();
    if (reconciles && this.#waiting.size > 0) await this.#reconcile();
    await this.#releaseUnused();
  }

  async #acquireNext(): Promise<void> {
    for (const sent of await this.repository.acquire(this.leases.workerId, this.limits, LEASE_MS)) {
      if (this.#waiting.has(sent.id)) this.#settle(sent.id, sent.sentAt);
      // Abandoned while it was given its slot: it was not sent, so another process may send it.
      else this.#unused.set(sent.id, sent);
    }
  }

  async #reconcile(): Promise<void> {
    for (const { id, sentAt } of await this.leases.reconcileQueued([...this.#waiting.keys()])) {
      // A slot that is being released may be gone at any moment, so nothing is sent with it.
      if (!this.#unused.has(id)) this.#settle(id, sentAt);
    }
  }

  async #releaseUnused(): Promise<void> {
    for (const [id, sent] of this.#unused) {
      await this.ledger.markNotSent(sent, this.leases.workerId);
      this.#unused.delete(id);
    }
  }
}
