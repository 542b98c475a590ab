import { createHash, timingSafeEqual } from 'node:crypto';
import { API_KEY_SCOPES } from '@wan-image/core';
import { DEFAULT_PROJECT_ID } from '../domain/project-id.ts';
import type { AccessNeed } from './access.ts';
import type { ApiKeyEntity } from './api-key.entity.ts';
import type { Caller } from './caller.ts';
import { hashOf, isKey } from './key-text.ts';
import type { ApiKeyCache } from './api-key-cache.ts';
import {
  adminOnly,
  expiredKey,
  insufficientScope,
  invalidKey,
  missingKey,
  noAdminKey,
  revokedKey,
  uncheckedKey,
} from './refusals.ts';

const ALL_SCOPES = new Set(API_KEY_SCOPES);
const NO_LIMITS = { rateLimit: null, spendLimit: null, spendPeriod: null };

const ADMIN: Caller = {
  projectId: DEFAULT_PROJECT_ID,
  keyId: null,
  scopes: ALL_SCOPES,
  isAdmin: true,
  limits: NO_LIMITS,
};

/** Whoever reaches a service that asks for no key: `local-access.ts` keeps web pages out. */
const LOCAL: Caller = { ...ADMIN, isAdmin: false };

/** Who comes with a key, and whether that opens what is asked for. */
export class KeyCheck {
  readonly #admin: Buffer | null;
  readonly #keys: ApiKeyCache;

  /** Without an admin key the service is local and open. */
  constructor(adminApiKey: string | null, keys: ApiKeyCache) {
    this.#admin = adminApiKey === null ? null : sha256(adminApiKey);
    this.#keys = keys;
  }

  /** Throws the answer to a request without a right key: 401, or 503 where that cannot be told. */
  async identify(authorization: string | undefined): Promise<Caller> {
    if (this.#admin === null) return LOCAL;
    const key = /^Bearer\s+(\S+)$/i.exec(authorization ?? '')?.[1];
    if (key === undefined) throw missingKey();
    // Hashes have one length, so the comparison takes the same time for every key.
    if (timingSafeEqual(sha256(key), this.#admin)) return ADMIN;
    const found = isKey(key) ? await this.#keys.find(hashOf(key)).catch(refuseUnchecked) : null;
    if (found === null) throw invalidKey();
    if (found.revokedAt !== null) throw revokedKey();
    if (found.expiresAt !== null && found.expiresAt.getTime() <= Date.now()) throw expiredKey(found.expiresAt);
    return callerOf(found);
  }

  /** Who may use a route; throws the answer to who may not. */
  async admit(need: Exclude<AccessNeed, 'public'>, authorization: string | undefined): Promise<Caller> {
    const caller = await this.identify(authorization);
    if (need === 'any key') return caller;
    if (need === 'admin' && !caller.isAdmin) throw caller === LOCAL ? noAdminKey() : adminOnly();
    if (need !== 'admin' && !caller.scopes.has(need)) throw insufficientScope(need, caller.scopes);
    return caller;
  }
}

function callerOf({ id, projectId, scopes, rateLimit, spendLimit, spendPeriod }: ApiKeyEntity): Caller {
  const limits = { rateLimit, spendLimit, spendPeriod };
  return { projectId, keyId: id, scopes: new Set(scopes), isAdmin: false, limits };
}

function refuseUnchecked(cause: unknown): never {
  throw uncheckedKey(cause);
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
