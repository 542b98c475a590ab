import { HitCache } from './hit-cache.ts';
import type { SessionKey, SessionsRepository } from './sessions.repository.ts';

/** Caches sessions for a few seconds. */
export class SessionCache extends HitCache<SessionKey> {
  constructor(repository: Pick<SessionsRepository, 'find'>) {
    super((hash) => repository.find(hash));
  }
}
