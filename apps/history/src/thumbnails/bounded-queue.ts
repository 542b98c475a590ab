import pLimit, { type LimitFunction } from 'p-limit';

/** Rejects a task because too many are waiting. */
export class QueueFullError extends Error {
  override readonly name = 'QueueFullError';
}

/** Limits how many tasks run concurrently and how many wait, first in, first out. */
export class BoundedQueue {
  readonly #limit: LimitFunction;
  readonly #maxWaiting: number;

  constructor({ concurrency, maxWaiting }: { readonly concurrency: number; readonly maxWaiting: number }) {
    this.#limit = pLimit(concurrency);
    this.#maxWaiting = maxWaiting;
  }

  /** Whether no task runs or waits. */
  get isIdle(): boolean {
    return this.#limit.activeCount === 0 && this.#limit.pendingCount === 0;
  }

  /** Runs the task when a slot is free. Rejects with a {@link QueueFullError} if too many are waiting. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const { activeCount, pendingCount, concurrency } = this.#limit;
    if (activeCount >= concurrency && pendingCount >= this.#maxWaiting)
      throw new QueueFullError(`${pendingCount} tasks wait already`);
    return this.#limit(work);
  }
}
