import { randomBytes } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { PeriodicTasks, UPKEEP_INTERVAL_MS } from '../jobs/periodic-tasks.ts';
import { KeyCheck } from './key-check.ts';
import { adminProofOf, hashOf } from './key-text.ts';
import { SessionCache } from './session-cache.ts';
import { SessionsRepository } from './sessions.repository.ts';

/** How long a browser stays signed in. */
export const SESSION_SECONDS = 30 * 24 * 60 * 60;

/** Lets a page send requests without keeping the key where a script could read it. */
@Injectable()
export class SessionsService implements OnModuleInit {
  constructor(
    private readonly sessions: SessionsRepository,
    private readonly cache: SessionCache,
    private readonly keyCheck: KeyCheck,
    private readonly tasks: PeriodicTasks,
  ) {}

  onModuleInit(): void {
    this.tasks.register('sessions', UPKEEP_INTERVAL_MS, () => this.sessions.deleteExpired());
  }

  /** Returns the id of a new session: 256 random bits. Throws the ApiError of a request with this key if it is not valid. */
  async begin(key: string): Promise<string> {
    const { isAdmin } = await this.keyCheck.identify({ key });
    const id = randomBytes(32).toString('base64url');
    const whose = isAdmin
      ? { keyHash: null, adminProof: adminProofOf(id, hashOf(key)) }
      : { keyHash: hashOf(key), adminProof: null };
    await this.sessions.insert(hashOf(id), whose, SESSION_SECONDS);
    return id;
  }

  /** Does nothing if there is no such session. */
  async end(id: string): Promise<void> {
    const hash = hashOf(id);
    await this.sessions.delete(hash);
    this.cache.forget(hash);
  }
}
