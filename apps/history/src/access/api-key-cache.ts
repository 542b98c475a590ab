import type { Logger } from 'pino';
import type { DatabaseClock } from '../database/database-clock.ts';
import type { AccessRepository, KeyOfProject } from './access.repository.ts';
import type { ApiKeyEntity } from './api-key.entity.ts';
import { HitCache } from './hit-cache.ts';

/** `last_used_at` is written at most once in this time. */
const TOUCH_INTERVAL_MS = 60_000;

/** Caches the API keys of the database for a few seconds, so that a page that sends a hundred requests reads its key once. */
export class ApiKeyCache {
  readonly #keys = new HitCache<KeyOfProject>((hash) => this.#read(hash));
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
    return this.#keys.find(hash);
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
