import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { UPSTREAM_LIMITS, type UpstreamLimits } from '../config/slices.ts';
import { LedgerRepository, type SentGeneration } from '../ledger/ledger.repository.ts';
import { withNewContext } from '../telemetry/context.ts';
import { LOGGER } from '../telemetry/logger.ts';
import { UpstreamSlotsRepository } from './upstream-slots.repository.ts';
import { LEASE_MS, WorkerLeases } from './worker-leases.service.ts';

/** Polling interval while a generation waits for a slot, and the number of polls between checks for generations that no longer wait. */
const LOOK_MS = 200;
const RECONCILE_EVERY = 10;

/** The maximum number of further polls for releasing slots during shutdown. */
const LAST_LOOKS = 5;

/**
 * A fair semaphore across all processes for the slots of the upstream. The queue is the table of generations; this class holds the waiting
 * generations of this process.
 */
@Injectable()
export class UpstreamSlots {
  readonly #waiting = new Map<string, (sentAt: Date | null) => void>();
  /** Acquired slots with which nothing was sent, until the database has recorded their release. Keyed by generation id. */
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

  /** Whether there is a limit to wait for. */
  get isLimited(): boolean {
    return this.limits.concurrency !== null || this.limits.perMinute !== null;
  }

  /** Resolves with the committed time at which the queued generation is sent; null if this process must no longer send it. */
  acquire(id: string): Promise<Date | null> {
    if (!this.isLimited) return this.ledger.markSent(id, this.leases.workerId);
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      // In a new context, because the loop serves all waiting generations, not only the request that started it.
      this.#looking ??= withNewContext({}, () => this.#look());
    });
  }

  /** Call it when a slot may have been released. */
  notifyReleased(): void {
    this.#wake?.abort();
  }

  /** Stops waiting for a generation: another process has ended or claimed it, or should do so. */
  abandon(id: string): void {
    this.#settle(id, null);
  }

  /** Call it when nothing waits any more: releases the remaining unused slots, as far as the database is available. */
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
      // Abandoned while its slot was being acquired: it was not sent, so another process may send it.
      else this.#unused.set(sent.id, sent);
    }
  }

  async #reconcile(): Promise<void> {
    for (const { id, sentAt } of await this.leases.reconcileQueued([...this.#waiting.keys()])) {
      // The release of an unused slot may complete at any moment, so nothing is sent with it.
      if (!this.#unused.has(id)) this.#settle(id, sentAt);
    }
  }

  async #releaseUnused(): Promise<void> {
    for (const [id, sent] of this.#unused) {
      await this.ledger.markNotSent(sent, this.leases.workerId);
      await this.repository.release(id);
      this.#unused.delete(id);
    }
  }
}
