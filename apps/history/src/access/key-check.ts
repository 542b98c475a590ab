import { timingSafeEqual } from 'node:crypto';
import { API_KEY_SCOPES, parseProjectChoice } from '@wan-image/core';
import type { DatabaseClock } from '../database/database-clock.ts';
import { DEFAULT_PROJECT_ID } from '../domain/project-id.ts';
import { ALL_PROJECTS } from '../domain/scope.ts';
import { brokenRules } from '../domain/api-error.ts';
import type { AccessNeed } from '../http/route-access.ts';
import type { ApiKeyEntity } from './api-key.entity.ts';
import type { Caller } from '../http/caller.ts';
import type { Credential } from '../http/credentials.ts';
import { hashOf, isKey } from './key-text.ts';
import type { AccessRepository } from './access.repository.ts';
import type { ApiKeyCache } from './api-key-cache.ts';
import type { SessionsRepository } from './sessions.repository.ts';
import {
  adminOnly,
  archivedKey,
  archivedProject,
  endedSession,
  expiredKey,
  foreignProject,
  insufficientScope,
  invalidKey,
  missingKey,
  noAdminKey,
  noProject,
  revokedKey,
  uncheckedKey,
} from './refusals.ts';

const ALL_SCOPES = new Set(API_KEY_SCOPES);
const NO_LIMITS = { rateLimit: null, spendLimit: null, spendPeriod: null };

const ADMIN: Caller = {
  projectId: DEFAULT_PROJECT_ID,
  reads: { projectId: DEFAULT_PROJECT_ID, isAdmin: true },
  keyId: null,
  scopes: ALL_SCOPES,
  isAdmin: true,
  limits: NO_LIMITS,
};

/** The caller of every request to a service that runs without keys; `local-access.ts` refuses web pages. */
const LOCAL: Caller = { ...ADMIN, reads: { ...ADMIN.reads, isAdmin: false }, isAdmin: false };

/** Identifies the caller of a request, and checks that it may use a route. */
export class KeyCheck {
  readonly #adminHash: Buffer | null;
  readonly #keys: ApiKeyCache;
  readonly #clock: Pick<DatabaseClock, 'now'>;
  readonly #projects: Pick<AccessRepository, 'getProject'>;
  readonly #sessions: Pick<SessionsRepository, 'find'>;

  /** Without an admin key the service is open to every local client. */
  constructor(
    adminApiKey: string | null,
    keys: ApiKeyCache,
    clock: Pick<DatabaseClock, 'now'>,
    projects: Pick<AccessRepository, 'getProject'>,
    sessions: Pick<SessionsRepository, 'find'>,
  ) {
    this.#adminHash = adminApiKey === null ? null : Buffer.from(hashOf(adminApiKey), 'hex');
    this.#sessions = sessions;
    this.#keys = keys;
    this.#clock = clock;
    this.#projects = projects;
  }

  /** Throws 401 for a missing or invalid key, and 503 when the key cannot be checked. */
  async identify(credential: Credential | null): Promise<Caller> {
    if (this.#adminHash === null) return LOCAL;
    if (credential === null) throw missingKey();
    const hash = 'key' in credential ? hashOf(credential.key) : await this.#keyOfSession(credential.session);
    // Hashes have one length, so the comparison takes the same time for every key.
    if (timingSafeEqual(Buffer.from(hash, 'hex'), this.#adminHash)) return ADMIN;
    const mayExist = 'session' in credential || isKey(credential.key);
    const found = mayExist ? await this.#keys.find(hash).catch(refuseUnchecked) : null;
    if (found === null) throw 'session' in credential ? endedSession() : invalidKey();
    if (found.revokedAt !== null) throw revokedKey();
    if (found.archivedAt !== null) throw archivedKey();
    if (found.projectArchivedAt !== null) throw archivedProject();
    if (found.expiresAt !== null && found.expiresAt <= this.#clock.now()) throw expiredKey(found.expiresAt);
    return callerOf(found);
  }

  /** The hash of the key of a session, which ends with it. */
  async #keyOfSession(session: string): Promise<string> {
    const hash = await this.#sessions.find(hashOf(session)).catch(refuseUnchecked);
    if (hash === null) throw endedSession();
    return hash;
  }

  /** The caller of a request. Throws 403 if it may not use a route with this need, and whatever {@link identify} throws. */
  async admit(need: Exclude<AccessNeed, 'public'>, credential: Credential | null): Promise<Caller> {
    const caller = await this.identify(credential);
    if (need === 'any key') return caller;
    if (need === 'admin' && !caller.isAdmin) throw caller === LOCAL ? noAdminKey() : adminOnly();
    if (need !== 'admin' && !caller.scopes.has(need)) throw insufficientScope(need, caller.scopes);
    return caller;
  }

  /**
   * The caller, reading the project that it names, or `all`. Throws 403 if it is neither the admin nor names its own project, and 400 if
   * there is no such project.
   */
  async readingProject(caller: Caller, input: unknown): Promise<Caller> {
    const parsed = parseProjectChoice(input);
    if (!parsed.ok) throw brokenRules(parsed.problems);
    const projectId = parsed.value;
    if (projectId === caller.projectId) return caller;
    if (!caller.isAdmin) throw caller === LOCAL ? noAdminKey() : foreignProject();
    if (projectId === 'all') return { ...caller, reads: { projectId: ALL_PROJECTS, isAdmin: true } };
    if ((await this.#projects.getProject(projectId)) === null) throw noProject(projectId);
    return { ...caller, reads: { projectId, isAdmin: true } };
  }
}

function callerOf({ id, projectId, scopes, rateLimit, spendLimit, spendPeriod }: ApiKeyEntity): Caller {
  const limits = { rateLimit, spendLimit, spendPeriod };
  return {
    projectId,
    reads: { projectId, isAdmin: false },
    keyId: id,
    scopes: new Set(scopes),
    isAdmin: false,
    limits,
  };
}

function refuseUnchecked(cause: unknown): never {
  throw uncheckedKey(cause);
}
