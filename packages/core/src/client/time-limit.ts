import type { Clock } from './clock.ts';

/** Why this side ended a call or one of its attempts: `timeoutMs`, `idleTimeoutMs`, or the signal of the caller. */
export type StopReason = 'timed_out' | 'idle' | 'canceled';

/** Never shown. Created once, because an abort without a reason creates an error with a stack each time. */
const ENDED = new Error('The call has ended');

/** One signal for every way to end a call, or one of its attempts, which has no timeout of its own but ends with its call. */
export class TimeLimit {
  readonly #clock: Clock;
  readonly #caller: AbortSignal | undefined;
  readonly #controller = new AbortController();
  readonly #timers = new AbortController();
  /**
   * The rejections of all pending races. A single promise to race against would keep the result of every race in memory until the end of
   * the call.
   */
  readonly #pending = new Set<(cause: Error) => void>();
  #reason: StopReason | null = null;
  #idleSince: number | null = null;
  #isWatchingIdle = false;

  constructor(clock: Clock, timeoutMs: number | null, caller: AbortSignal | undefined) {
    this.#clock = clock;
    this.#caller = caller;
    if (caller?.aborted) this.#cancel();
    else caller?.addEventListener('abort', this.#cancel, { once: true });
    if (this.#reason === null && timeoutMs !== null) this.#after(timeoutMs, () => this.#stop('timed_out'));
  }

  /** Aborts with the call. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Null until the call is stopped. */
  get reason(): StopReason | null {
    return this.#reason;
  }

  /** The reason that the caller passed to `abort()`. */
  get cause(): unknown {
    return this.#reason === 'canceled' ? (this.#caller?.reason as unknown) : undefined;
  }

  /** Resolves with the result of the work. Rejects as soon as the call is stopped, whether or not the work reacts to the signal. */
  race<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#reason !== null) reject(stopped());
      this.#pending.add(reject);
      work.then(resolve, reject).finally(() => this.#pending.delete(reject));
    });
  }

  /** Like `race`, and stops the call if the work takes longer than `ms` milliseconds. */
  async raceIdle<T>(work: Promise<T>, ms: number): Promise<T> {
    this.#idleSince = this.#clock.now();
    // One timer for all chunks of a body: a timer for each would cost more than reading the chunk.
    if (!this.#isWatchingIdle) this.#watchIdle(ms);
    this.#isWatchingIdle = true;
    try {
      return await this.race(work);
    } finally {
      this.#idleSince = null;
    }
  }

  /** Releases the timers and every open connection. */
  end(): void {
    this.#caller?.removeEventListener('abort', this.#cancel);
    this.#timers.abort(ENDED);
    // Closes the connection of a body that was not read to its end. A body that was has none any more.
    this.#controller.abort(ENDED);
  }

  readonly #cancel = (): void => this.#stop('canceled');

  #stop(reason: StopReason): void {
    this.#reason ??= reason;
    this.#timers.abort();
    this.#controller.abort();
    for (const reject of this.#pending) reject(stopped());
  }

  #after(ms: number, then: () => void): void {
    // The sleep rejects when the timers are released.
    void this.#clock.sleep(ms, this.#timers.signal).then(then, () => undefined);
  }

  #watchIdle(ms: number): void {
    const remaining = this.#idleSince === null ? ms : this.#idleSince + ms - this.#clock.now();
    if (remaining <= 0) this.#stop('idle');
    else this.#after(remaining, () => this.#watchIdle(ms));
  }
}

function stopped(): Error {
  return new Error('The call was stopped');
}
