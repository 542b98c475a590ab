/** How many things are worked on together: at first, and within which limits this adapts to how long they take. */
export interface SizeLimits {
  readonly first: number;
  readonly min: number;
  readonly max: number;
}

/** How long a piece of work should take. Meanwhile rows may be locked, and others have less of the machine. */
const TARGET_MS = 100;

/** A number of things that adapts to how long the work on some took. */
export class AdaptiveSize {
  readonly #limits: SizeLimits;
  #current: number;

  constructor(limits: SizeLimits) {
    this.#limits = limits;
    this.#current = limits.first;
  }

  get current(): number {
    return this.#current;
  }

  /** At most twice as many, or half as many, as these took so long. */
  took(count: number, ms: number): void {
    // Few tell nothing of many.
    if (count < this.#current / 2) return;
    const { min, max } = this.#limits;
    const factor = Math.min(2, Math.max(0.5, TARGET_MS / Math.max(ms, 1)));
    // After a failure it may be below the minimum, and grows from there.
    const least = Math.min(min, this.#current);
    this.#current = Math.round(Math.min(max, Math.max(least, count * factor)));
  }

  /** The work on so many failed, perhaps because it took too long: the next attempt has half as many, at least one. */
  failed(count: number): void {
    this.#current = Math.max(1, Math.floor(Math.min(count, this.#current) / 2));
  }
}
