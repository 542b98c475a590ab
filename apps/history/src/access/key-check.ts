import { timingSafeEqual } from 'node:crypto';
import { API_KEY_SCOPES, parseProjectChoice } from '@wan-image/core';
import type { DatabaseClock } from '../database/database-clock.ts';
import { DEFAULT_PROJECT_ID } from '../domain/project-id.ts';
import { ALL_PROJECTS } from '../domain/scope.ts';
import { brokenRules, type ApiError } from '../domain/api-error.ts';
import type { AccessNeed } from '../http/route-access.ts';
import type { ApiKeyEntity } from './api-key.entity.ts';
import type { Caller } from '../http/caller.ts';
import type { Credential } from '../http/credentials.ts';
import { adminProofOf, hashOf, isKey } from './key-text.ts';
import type { AccessRepository } from './access.repository.ts';
import type { ApiKeyCache } from './api-key-cache.ts';
import type { SessionCache } from './session-cache.ts';
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
  /** SHA-256, in hex. */
  readonly #adminHash: string | null;
  readonly #keys: ApiKeyCache;
  readonly #clock: Pick<DatabaseClock, 'now'>;
  readonly #projects: Pick<AccessRepository, 'getProject'>;
  readonly #sessions: Pick<SessionCache, 'find'>;

  /** Without an admin key the service is open to every local client. */
  constructor(
    adminApiKey: string | null,
    keys: ApiKeyCache,
    clock: Pick<DatabaseClock, 'now'>,
    projects: Pick<AccessRepository, 'getProject'>,
    sessions: Pick<SessionCache, 'find'>,
  ) {
    this.#adminHash = adminApiKey === null ? null : hashOf(adminApiKey);
    this.#sessions = sessions;
    this.#keys = keys;
    this.#clock = clock;
    this.#projects = projects;
  }

  /** Throws 401 for a missing or invalid key, and 503 when the key cannot be checked. */
  async identify(credential: Credential | null): Promise<Caller> {
    if (this.#adminHash === null) return LOCAL;
    if (credential === null) throw missingKey();
    if ('session' in credential) return this.#identifySession(credential.session, this.#adminHash);
    const hash = hashOf(credential.key);
    if (isEqual(hash, this.#adminHash)) return ADMIN;
    if (!isKey(credential.key)) throw invalidKey();
    return this.#callerWith(hash, invalidKey);
  }

  /** The caller of a session is that of its key. */
  async #identifySession(session: string, adminHash: string): Promise<Caller> {
    const found = await this.#sessions.find(hashOf(session)).catch(refuseUnchecked);
    if (found === null) throw endedSession();
    const { keyHash, adminProof } = found;
    if (adminProof !== null && isEqual(adminProof, adminProofOf(session, adminHash))) return ADMIN;
    // The admin key was replaced.
    if (keyHash === null) throw endedSession();
    return this.#callerWith(keyHash, endedSession);
  }

  async #callerWith(hash: string, unknown: () => ApiError): Promise<Caller> {
    const found = await this.#keys.find(hash).catch(refuseUnchecked);
    if (found === null) throw unknown();
    if (found.revokedAt !== null) throw revokedKey();
    if (found.archivedAt !== null) throw archivedKey();
    if (found.projectArchivedAt !== null) throw archivedProject();
    if (found.expiresAt !== null && found.expiresAt <= this.#clock.now()) throw expiredKey(found.expiresAt);
    return callerOf(found);
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

/** In the same time for every value: both are hashes in hex. */
function isEqual(one: string, other: string): boolean {
  return timingSafeEqual(Buffer.from(one), Buffer.from(other));
}

function refuseUnchecked(cause: unknown): never {
  throw uncheckedKey(cause);
}
