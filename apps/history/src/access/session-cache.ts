import { LRUCache } from 'lru-cache';
import type { SessionKey, SessionsRepository } from './sessions.repository.ts';

/** How long a session is cached: other replicas refuse one that was ended after this time. */
const CACHE_TTL_MS = 5_000;

/** Maximum sessions in the cache. Beyond that, the least recently used one is read again. */
const MAX_ENTRIES = 1000;

interface CachedSession {
  readonly session: SessionKey;
  /** By a monotonic clock. */
  readonly readAt: number;
}

/** Caches sessions for a few seconds, so that a page that shows a hundred images reads its own once. */
export class SessionCache {
  readonly #sessions = new LRUCache<string, CachedSession>({ max: MAX_ENTRIES });
  readonly #repository: Pick<SessionsRepository, 'find'>;

  constructor(repository: Pick<SessionsRepository, 'find'>) {
    this.#repository = repository;
  }

  /** The session with this hash; null if there is none. Rejects if the database is unavailable. */
  async find(hash: string): Promise<SessionKey | null> {
    const cached = this.#sessions.get(hash);
    const age = cached === undefined ? Infinity : performance.now() - cached.readAt;
    if (cached !== undefined && age >= 0 && age < CACHE_TTL_MS) return cached.session;
    const readAt = performance.now();
    const session = await this.#repository.find(hash);
    // Only those that exist: guesses must not fill the cache.
    if (session === null) this.#sessions.delete(hash);
    else this.#sessions.set(hash, { session, readAt });
    return session;
  }

  forget(hash: string): void {
    this.#sessions.delete(hash);
  }
}
