import type { Logger } from 'pino';
import type { AccessRepository } from './access.repository.ts';
import type { ApiKeyEntity } from './api-key.entity.ts';

/** How long a key is believed without a look at the database: a key that is revoked is refused by all replicas after that. */
const CACHE_TTL_MS = 5_000;

/** More keys than are in use in five seconds; beyond that all are looked up anew. */
const MOST = 1000;

const TOUCH_INTERVAL_MS = 60_000;

/** The API keys of the database, remembered for a few seconds: a page with a hundred requests asks once. */
export class ApiKeyCache {
  readonly #known = new Map<string, { readonly until: number; readonly key: Promise<ApiKeyEntity | null> }>();
  readonly #repository: AccessRepository;
  readonly #logger: Logger;

  constructor(repository: AccessRepository, logger: Logger) {
    this.#repository = repository;
    this.#logger = logger;
  }

  /** Null where there is no such key. Rejects where the database does not answer. */
  find(hash: string): Promise<ApiKeyEntity | null> {
    const now = Date.now();
    const known = this.#known.get(hash);
    if (known !== undefined && known.until > now) return known.key;
    if (this.#known.size >= MOST) this.#known.clear();
    const key = this.#look(hash);
    this.#known.set(hash, { until: now + CACHE_TTL_MS, key });
    // Only what is there is worth remembering: a key that is made now must work at once, and guesses must push nothing out.
    const forget = (): void => {
      if (this.#known.get(hash)?.key === key) this.#known.delete(hash);
    };
    key.then((found) => found ?? forget(), forget);
    return key;
  }

  /** Forgets all, after a key was revoked here. */
  clear(): void {
    this.#known.clear();
  }

  async #look(hash: string): Promise<ApiKeyEntity | null> {
    const key = await this.#repository.findKey(hash);
    if (key !== null && key.revokedAt === null) await this.#touch(key);
    return key;
  }

  async #touch({ id, lastUsedAt }: ApiKeyEntity): Promise<void> {
    const now = Date.now();
    const before = now - TOUCH_INTERVAL_MS;
    if (lastUsedAt !== null && lastUsedAt.getTime() > before) return;
    try {
      await this.#repository.touchKey(id, new Date(now), new Date(before));
    } catch (error) {
      // Nobody is kept out because it could not be written down that he came.
      this.#logger.warn({ api_key_id: id, err: error }, 'the use of an API key could not be noted');
    }
  }
}
