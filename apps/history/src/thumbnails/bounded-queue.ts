/** Work that is refused, because enough waits already. */
export class QueueFullError extends Error {
  override readonly name = 'QueueFullError';
}

/** Does a few things at a time. The others wait in their order, up to a number of them. */
export class BoundedQueue {
  readonly #atOnce: number;
  readonly #mostWaiting: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor({ atOnce, mostWaiting }: { readonly atOnce: number; readonly mostWaiting: number }) {
    this.#atOnce = atOnce;
    this.#mostWaiting = mostWaiting;
  }

  /** Rejects with a {@link QueueFullError} where too many wait. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#atOnce) this.#running++;
    else await this.#turn();
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      // The place is handed on, not freed and taken: nobody who comes in between can have it.
      if (next) next();
      else this.#running--;
    }
  }

  #turn(): Promise<void> {
    if (this.#waiting.length >= this.#mostWaiting) throw new QueueFullError('Too many wait already');
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }
}
