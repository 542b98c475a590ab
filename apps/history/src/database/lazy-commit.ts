import { withNewContext } from '../telemetry/context.ts';

/** How long a write waits for others. */
const DELAY_MS = 100;

/** Items that are written together at most. */
const MOST_TOGETHER = 500;

/**
 * Batches writes that nobody waits for: all that come within {@link DELAY_MS} are one statement and one commit, so that they cost next to
 * nothing under load. A failed batch is not written again. Where a request waits for its write, use `GroupCommit`.
 */
export class LazyCommit<Item> {
  readonly #write: (items: readonly Item[]) => Promise<void>;
  #items: Item[] = [];
  #written = Promise.withResolvers<void>();
  #timer: NodeJS.Timeout | null = null;

  constructor(write: (items: readonly Item[]) => Promise<void>) {
    this.#write = write;
  }

  /** Settles when the item is written, or its batch has failed. */
  add(item: Item): Promise<void> {
    this.#items.push(item);
    const { promise } = this.#written;
    if (this.#items.length >= MOST_TOGETHER) this.flush();
    // In a context of its own: the batch has items of other requests too.
    else this.#timer ??= withNewContext({}, () => setTimeout(() => this.flush(), DELAY_MS));
    return promise;
  }

  /** Begins to write what waits, without the delay. */
  flush(): void {
    if (this.#items.length === 0) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    const [items, { resolve }] = [this.#items, this.#written];
    this.#items = [];
    this.#written = Promise.withResolvers<void>();
    this.#timer = null;
    resolve(withNewContext({}, () => this.#write(items)));
  }
}
