import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import type { DatabaseClock } from '../database/database-clock.ts';
import type { AccessRepository, KeyOfProject } from './access.repository.ts';
import type { ApiKeyEntity } from './api-key.entity.ts';

/** How long a key is cached: other replicas refuse a revoked key after this time. */
const CACHE_TTL_MS = 5_000;

/** Maximum keys in the cache: more than are in use within the TTL. Beyond that, the least recently used key is read again. */
const MAX_ENTRIES = 1000;

/** `last_used_at` is written at most once in this time. */
const TOUCH_INTERVAL_MS = 60_000;

interface CachedKey {
  readonly key: Promise<KeyOfProject | null>;
  /** By a monotonic clock. */
  readonly readAt: number;
}

/**
 * Not the `ttl` of the cache: under a clock that goes back, as in a virtual machine that is restored, an entry from the time to come would
 * stay valid until then, and a revoked key with it.
 */
function isFresh({ readAt }: CachedKey): boolean {
  const age = performance.now() - readAt;
  return age >= 0 && age < CACHE_TTL_MS;
}

/** Caches the API keys of the database for a few seconds, so that a page that sends a hundred requests reads its key once. */
export class ApiKeyCache {
  /**
   * By hash. The values are promises, so concurrent look-ups of one key share one query. Not `fetchMethod`, which does the same:
   * `clear` would reject the look-ups in flight or, with `ignoreFetchAbort`, cache a key that was read before it was revoked.
   */
  readonly #keys = new LRUCache<string, CachedKey>({ max: MAX_ENTRIES });
  readonly #repository: Pick<AccessRepository, 'findKey' | 'touchKey'>;
  readonly #logger: Logger;
  readonly #clock: Pick<DatabaseClock, 'now'>;

  constructor(
    repository: Pick<AccessRepository, 'findKey' | 'touchKey'>,
    logger: Logger,
    clock: Pick<DatabaseClock, 'now'>,
  ) {
    this.#repository = repository;
    this.#logger = logger;
    this.#clock = clock;
  }

  /** The key with this hash, revoked and archived ones included; null if there is none. Rejects if the database is unavailable. */
  find(hash: string): Promise<KeyOfProject | null> {
    const cached = this.#keys.get(hash);
    if (cached !== undefined && isFresh(cached)) return cached.key;
    const key = this.#read(hash);
    this.#keys.set(hash, { key, readAt: performance.now() });
    // Keeps only keys that exist: a new key must work at once, and guessed keys must not fill the cache.
    const forget = (): void => {
      if (this.#keys.peek(hash)?.key === key) this.#keys.delete(hash);
    };
    key.then((found) => found ?? forget(), forget);
    return key;
  }

  /** Forgets all keys, including those being read, after one was changed, or its project. */
  clear(): void {
    this.#keys.clear();
  }

  async #read(hash: string): Promise<KeyOfProject | null> {
    const key = await this.#repository.findKey(hash);
    if (key !== null && key.revokedAt === null) await this.#touch(key);
    return key;
  }

  async #touch({ id, lastUsedAt }: ApiKeyEntity): Promise<void> {
    if (lastUsedAt !== null && lastUsedAt.getTime() > this.#clock.now().getTime() - TOUCH_INTERVAL_MS) return;
    try {
      await this.#repository.touchKey(id, TOUCH_INTERVAL_MS);
    } catch (error) {
      // `last_used_at` is best effort: a failed write must not fail the request.
      this.#logger.warn({ api_key_id: id, err: error }, 'last_used_at of an API key could not be updated');
    }
  }
}
