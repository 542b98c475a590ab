import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { WorkService, type UpstreamLimits } from '../generations/work.service.ts';
import { LOGGER } from '../telemetry/logger.ts';

/** For injection: the limits are settings. */
export const UPSTREAM_LIMITS = Symbol('UPSTREAM_LIMITS');

/** Time between two looks for a free place while something waits, and between two for what is gone. */
const LOOK_MS = 200;
const GONE_EVERY = 10;

/** Waiting for a place at the upstream, shared by all processes: the queue is the table, this is where its callers wait. */
@Injectable()
export class TurnsService {
  readonly #waiting = new Map<string, (sentAt: Date | null) => void>();
  readonly #work: WorkService;
  readonly #limits: UpstreamLimits;
  readonly #logger: Logger;
  #looking = false;
  #wake: AbortController | null = null;

  constructor(work: WorkService, @Inject(UPSTREAM_LIMITS) limits: UpstreamLimits, @Inject(LOGGER) logger: Logger) {
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
      void this.#look();
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

  #settle(id: string, sentAt: Date | null): void {
    this.#waiting.get(id)?.(sentAt);
    this.#waiting.delete(id);
  }

  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    for (let round = 1; this.#waiting.size > 0; round++) {
      try {
        await this.#lookOnce(round % GONE_EVERY === 0);
      } catch (error) {
        this.#logger.error({ err: error }, 'no turn at the upstream could be taken yet');
      }
      if (this.#waiting.size === 0) break;
      this.#wake = new AbortController();
      await sleep(LOOK_MS, undefined, { signal: this.#wake.signal }).catch(() => undefined);
    }
    this.#looking = false;
  }

  async #lookOnce(forGone: boolean): Promise<void> {
    for (const { id, sentAt } of await this.#work.takeTurns(this.#limits)) {
      // Left while it was given its turn: it was not sent, so that another process may.
      if (!this.#waiting.has(id)) await this.#work.giveBack(id);
      this.#settle(id, sentAt);
    }
    if (!forGone || this.#waiting.size === 0) return;
    for (const { id, sentAt } of await this.#work.goneOf([...this.#waiting.keys()])) this.#settle(id, sentAt);
  }
}
