import { LRUCache } from 'lru-cache';

/** How long a hit is cached: other replicas refuse what was revoked or ended after this time. */
const CACHE_TTL_MS = 5_000;

/** Maximum entries: more than are in use within the TTL. Beyond that, the least recently used one is read again. */
const MAX_ENTRIES = 1000;

interface CachedValue<Value> {
  readonly value: Promise<Value | null>;
  /** By a monotonic clock. */
  readonly readAt: number;
}

/**
 * Not the `ttl` of the cache: under a clock that goes back, as in a virtual machine that is restored, an entry from the time to come would
 * stay valid until then, and a revoked key with it.
 */
function isFresh({ readAt }: Pick<CachedValue<unknown>, 'readAt'>): boolean {
  const age = performance.now() - readAt;
  return age >= 0 && age < CACHE_TTL_MS;
}

/** Caches what the database has under a hash for a few seconds, so that a page that sends a hundred requests reads it once. */
export class HitCache<Value extends object> {
  /**
   * By hash. The values are promises, so concurrent look-ups of one hash share one query. Not `fetchMethod`, which does the same:
   * `clear` would reject the look-ups in flight or, with `ignoreFetchAbort`, cache what was read before it was revoked.
   */
  readonly #values = new LRUCache<string, CachedValue<Value>>({ max: MAX_ENTRIES });
  readonly #read: (hash: string) => Promise<Value | null>;

  constructor(read: (hash: string) => Promise<Value | null>) {
    this.#read = read;
  }

  /** Null if there is none. Rejects if the database is unavailable. */
  find(hash: string): Promise<Value | null> {
    const cached = this.#values.get(hash);
    if (cached !== undefined && isFresh(cached)) return cached.value;
    const value = this.#read(hash);
    this.#values.set(hash, { value, readAt: performance.now() });
    // Keeps only hits: what is new must work at once, and guesses must not fill the cache.
    const drop = (): void => {
      if (this.#values.peek(hash)?.value === value) this.#values.delete(hash);
    };
    value.then((found) => found ?? drop(), drop);
    return value;
  }

  /** Forgets one, also if it is being read. */
  forget(hash: string): void {
    this.#values.delete(hash);
  }

  /** Forgets all, including those being read. */
  clear(): void {
    this.#values.clear();
  }
}
