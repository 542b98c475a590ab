import pLimit, { type LimitFunction } from 'p-limit';

/** Rejects work that would have to wait behind too much other work. */
export class QueueFullError extends Error {
  override readonly name = 'QueueFullError';
}

/** Limits how much work runs at a time, and how much waits for that, first come first served. */
export class BoundedQueue {
  readonly #limit: LimitFunction;
  readonly #maxWaiting: number;

  constructor({ concurrency, maxWaiting }: { readonly concurrency: number; readonly maxWaiting: number }) {
    this.#limit = pLimit(concurrency);
    this.#maxWaiting = maxWaiting;
  }

  /** Runs the work when it is its turn. Rejects with a {@link QueueFullError} if too much waits already. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const { activeCount, pendingCount, concurrency } = this.#limit;
    if (activeCount >= concurrency && pendingCount >= this.#maxWaiting)
      throw new QueueFullError(`${pendingCount} tasks wait already`);
    return this.#limit(work);
  }
}
