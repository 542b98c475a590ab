interface Waiting {
  readonly bytes: number;
  readonly start: () => void;
}

/** Lets work run at the same time only as far as its memory fits together, first in, first out. */
export class MemoryBudget {
  readonly #waiting: Waiting[] = [];
  #free: number;

  constructor(bytes: number) {
    this.#free = bytes;
  }

  /** Runs the work as soon as its bytes are free. They must not be more than the whole budget. */
  async use<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    await new Promise<void>((start) => {
      this.#waiting.push({ bytes, start });
      this.#startNext();
    });
    try {
      return await work();
    } finally {
      this.#free += bytes;
      this.#startNext();
    }
  }

  #startNext(): void {
    for (let next = this.#waiting[0]; next !== undefined && next.bytes <= this.#free; next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#free -= next.bytes;
      next.start();
    }
  }
}
