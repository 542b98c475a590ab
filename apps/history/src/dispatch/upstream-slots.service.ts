import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { WorkerLeases, type Sent, type UpstreamLimits } from './worker-leases.service.ts';
import { LOGGER } from '../telemetry/logger.ts';

/** For injection: the limits are settings. */
export const UPSTREAM_LIMITS = Symbol('UPSTREAM_LIMITS');

/** Time between two looks for a free place while something waits, and between two for what is gone. */
const LOOK_MS = 200;
const GONE_EVERY = 10;

/** How many looks more there are for giving turns back when the service ends. */
const LAST_LOOKS = 5;

/** Waiting for a place at the upstream, shared by all processes: the queue is the table, this is where its callers wait. */
@Injectable()
export class UpstreamSlots {
  readonly #waiting = new Map<string, (sentAt: Date | null) => void>();
  readonly #work: WorkerLeases;
  readonly #limits: UpstreamLimits;
  readonly #logger: Logger;
  /** Turns with which nothing was sent, until the database takes them back: by the generation's id. */
  readonly #unused = new Map<string, Sent>();
  #looking: Promise<void> | null = null;
  #looksLeft = Infinity;
  #wake: AbortController | null = null;

  constructor(work: WorkerLeases, @Inject(UPSTREAM_LIMITS) limits: UpstreamLimits, @Inject(LOGGER) logger: Logger) {
    this.#work = work;
    this.#limits = limits;
    this.#logger = logger;
  }

  /** Whether there is anything to wait for. */
  get limited(): boolean {
    return this.#limits.concurrency !== null || this.#limits.perMinute !== null;
  }

  /** When a generation that waits was sent, which is committed then; null where it is no longer for this process to send. */
  wait(id: string): Promise<Date | null> {
    if (!this.limited) return this.#work.send(id);
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#looking ??= this.#look();
    });
  }

  /** A place may be free. */
  freed(): void {
    this.#wake?.abort();
  }

  /** Somebody else has ended or taken it. */
  leave(id: string): void {
    this.#settle(id, null);
  }

  /** When nobody waits any more: gives back what is left to be given back, as far as the database takes it. */
  async end(): Promise<void> {
    this.#looksLeft = LAST_LOOKS;
    await this.#looking;
  }

  #settle(id: string, sentAt: Date | null): void {
    this.#waiting.get(id)?.(sentAt);
    this.#waiting.delete(id);
  }

  get #isOver(): boolean {
    return this.#waiting.size === 0 && (this.#unused.size === 0 || this.#looksLeft <= 0);
  }

  async #look(): Promise<void> {
    for (let round = 1; !this.#isOver; round++) {
      this.#looksLeft--;
      try {
        await this.#lookOnce(round % GONE_EVERY === 0);
      } catch (error) {
        this.#logger.error({ err: error }, 'no turn at the upstream could be taken yet');
      }
      if (this.#isOver) break;
      this.#wake = new AbortController();
      await sleep(LOOK_MS, undefined, { signal: this.#wake.signal }).catch(() => undefined);
    }
    this.#looking = null;
  }

  async #lookOnce(forGone: boolean): Promise<void> {
    if (this.#waiting.size > 0) await this.#take();
    if (forGone && this.#waiting.size > 0) await this.#settleGone();
    await this.#release();
  }

  async #take(): Promise<void> {
    for (const sent of await this.#work.acquire(this.#limits)) {
      if (this.#waiting.has(sent.id)) this.#settle(sent.id, sent.sentAt);
      // Left while it was given its turn: it was not sent, so that another process may.
      else this.#unused.set(sent.id, sent);
    }
  }

  async #settleGone(): Promise<void> {
    for (const { id, sentAt } of await this.#work.reconcileQueued([...this.#waiting.keys()])) {
      // A turn that is being given back may be gone at any moment, so nothing is sent with it.
      if (!this.#unused.has(id)) this.#settle(id, sentAt);
    }
  }

  async #release(): Promise<void> {
    for (const [id, sent] of this.#unused) {
      await this.#work.release(sent);
      this.#unused.delete(id);
    }
  }
}
