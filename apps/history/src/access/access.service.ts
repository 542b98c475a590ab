import type {
  ApiKeyList,
  ApiKeyListQuery,
  ApiKeyRecord,
  CreateApiKeyRequest,
  CreatedApiKey,
  CreateProjectRequest,
  ProjectList,
  ProjectListQuery,
  ProjectRecord,
  UpdateApiKeyRequest,
  UpdateProjectRequest,
} from '@wan-image/core';
import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { DatabaseClock } from '../database/database-clock.ts';
import { DEFAULT_PROJECT_ID } from '../domain/project-id.ts';
import { ApiError, invalidRequest } from '../domain/api-error.ts';
import { millionthsOf } from '../domain/money.ts';
import { Prices } from '../spending/prices.ts';
import { SpendService } from '../spending/spend.service.ts';
import { AccessRepository, type KeyChanges } from './access.repository.ts';
import type { ApiKeyEntity } from './api-key.entity.ts';
import { noProject } from './refusals.ts';
import { newKey } from './key-text.ts';
import { ApiKeyCache } from './api-key-cache.ts';
import type { ProjectEntity } from './project.entity.ts';

/** Projects and their keys, as the admin manages them. */
@Injectable()
export class AccessService {
  constructor(
    private readonly repository: AccessRepository,
    private readonly keys: ApiKeyCache,
    private readonly spend: SpendService,
    private readonly prices: Prices,
    private readonly clock: DatabaseClock,
  ) {}

  async createProject({ name }: CreateProjectRequest): Promise<ProjectRecord> {
    const createdAt = this.clock.now();
    const project = { id: uuidv7({ msecs: createdAt.getTime() }), name, createdAt, archivedAt: null };
    if (await this.repository.insertProject(project)) return toProject(project);
    throw nameTaken(name);
  }

  /** Null if there is none. This process refuses the keys of an archived project at once, others within a few seconds. */
  async updateProject(id: string, { name, archived }: UpdateProjectRequest): Promise<ProjectRecord | null> {
    const project = await this.repository.getProject(id);
    if (project === null) return null;
    if (archived === true && id === DEFAULT_PROJECT_ID)
      throw invalidRequest(
        'archived: the default project cannot be archived, because the admin key and keys without a project_id use it.',
        'archived',
      );
    const changes = {
      ...(name !== undefined && { name }),
      ...(archived !== undefined && { archivedAt: archived ? (project.archivedAt ?? this.clock.now()) : null }),
    };
    if (!(await this.repository.updateProject(id, changes))) throw nameTaken(name ?? '');
    this.keys.clear();
    return this.getProject(id);
  }

  async listProjects(query: ProjectListQuery): Promise<ProjectList> {
    const { found, hasMore } = await this.repository.listProjects(query);
    const data = found.map(toProject);
    return { object: 'list', data, has_more: hasMore, next_cursor: hasMore ? (data.at(-1)?.id ?? null) : null };
  }

  async getProject(id: string): Promise<ProjectRecord | null> {
    const project = await this.repository.getProject(id);
    return project && toProject(project);
  }

  /** The only response that contains the key itself. */
  async createKey(request: CreateApiKeyRequest): Promise<CreatedApiKey> {
    const { project_id: projectId = DEFAULT_PROJECT_ID, spend_limit: spendLimit = null } = request;
    const createdAt = this.clock.now();
    const expiresAt = expiryOf(request.expires_at ?? null, createdAt);
    if (spendLimit !== null) this.#requirePrices();
    const project = await this.repository.getProject(projectId);
    if (project === null) throw noProject(projectId);
    if (project.archivedAt !== null)
      throw invalidRequest(
        `project_id: the project ${projectId} is archived. Restore it first: PATCH /v1/projects/${projectId} with {"archived": false}.`,
        'project_id',
      );
    const { key, prefix, hash } = newKey();
    const entity: ApiKeyEntity = {
      id: uuidv7({ msecs: createdAt.getTime() }),
      projectId,
      name: request.name,
      prefix,
      hash,
      scopes: [...new Set(request.scopes ?? ['generate' as const, 'read' as const])],
      rateLimit: request.rate_limit ?? null,
      spendLimit: spendLimit && millionthsOf(spendLimit.amount),
      spendPeriod: spendLimit && spendLimit.period,
      createdAt,
      expiresAt,
      revokedAt: null,
      archivedAt: null,
      lastUsedAt: null,
    };
    await this.repository.insertKey(entity);
    return { ...(await this.#toKey(entity)), key };
  }

  async listKeys(query: ApiKeyListQuery): Promise<ApiKeyList> {
    const { found, hasMore } = await this.repository.listKeys(query);
    const data = await this.#toKeys(found);
    return { object: 'list', data, has_more: hasMore, next_cursor: hasMore ? (data.at(-1)?.id ?? null) : null };
  }

  async getKey(id: string): Promise<ApiKeyRecord | null> {
    const key = await this.repository.getKey(id);
    return key && (await this.#toKey(key));
  }

  /**
   * Null if there is none. This process follows the change at once, others within a few seconds. A new limit, and one for another period,
   * counts what is billed from then on; another amount for the same period also counts what was billed before.
   */
  async updateKey(id: string, request: UpdateApiKeyRequest): Promise<ApiKeyRecord | null> {
    const key = await this.repository.updateKey(id, (current) => this.#changesOf(current, request));
    this.keys.clear();
    return key && (await this.#toKey(key));
  }

  #changesOf(key: ApiKeyEntity, request: UpdateApiKeyRequest): KeyChanges {
    const { name, scopes, rate_limit: rateLimit, spend_limit: spendLimit, expires_at: expires, archived } = request;
    const now = this.clock.now();
    if (spendLimit) this.#requirePrices();
    return {
      ...(name !== undefined && { name }),
      ...(scopes !== undefined && { scopes: [...new Set(scopes)] }),
      ...(rateLimit !== undefined && { rateLimit }),
      ...(spendLimit !== undefined && spendChanges(key, spendLimit)),
      ...(expires !== undefined && { expiresAt: expiryOf(expires, now) }),
      ...(archived !== undefined && { archivedAt: archived ? (key.archivedAt ?? now) : null }),
    };
  }

  /** Does not change a key that is already revoked. This process refuses the key at once, others within a few seconds. */
  async revokeKey(id: string): Promise<ApiKeyRecord | null> {
    await this.repository.revokeKey(id, this.clock.now());
    this.keys.clear();
    return this.getKey(id);
  }

  #requirePrices(): void {
    if (this.prices.missing.length > 0) throw noLimitWithoutPrices(this.prices.missing);
  }

  async #toKey(key: ApiKeyEntity): Promise<ApiKeyRecord> {
    const [record] = await this.#toKeys([key]);
    // A record for each key.
    return record as ApiKeyRecord;
  }

  async #toKeys(keys: readonly ApiKeyEntity[]): Promise<ApiKeyRecord[]> {
    const [limits, spent] = await Promise.all([
      this.spend.limitsOf(keys),
      this.spend.spentOf(keys.map(({ id }) => id)),
    ]);
    return keys.map((key) => toKey(key, limits.get(key.id) ?? null, spent.get(key.id) ?? NOTHING_SPENT));
  }
}

/** Null means never. */
function expiryOf(text: string | null, now: Date): Date | null {
  const expiresAt = text === null ? null : new Date(text);
  if (expiresAt === null || expiresAt > now) return expiresAt;
  throw invalidRequest(
    'expires_at is in the past. Give a time in the future, or null for never. To end a key now, revoke or archive it.',
    'expires_at',
  );
}

/** A merge patch of the limit: what is absent stays as it is. */
function spendChanges(
  { spendLimit, spendPeriod }: ApiKeyEntity,
  patch: NonNullable<UpdateApiKeyRequest['spend_limit']> | null,
): Pick<KeyChanges, 'spendLimit' | 'spendPeriod'> {
  if (patch === null) return { spendLimit: null, spendPeriod: null };
  const amount = patch.amount === undefined ? spendLimit : millionthsOf(patch.amount);
  const period = patch.period ?? spendPeriod;
  const missing = amount === null ? 'amount' : period === null ? 'period' : null;
  if (missing === null) return { spendLimit: amount, spendPeriod: period };
  throw invalidRequest(
    `spend_limit.${missing} is missing: the key has no spend limit yet, so give both, such as {"amount": "50.00", "period": "month"}.`,
    `spend_limit.${missing}`,
  );
}

function nameTaken(name: string): ApiError {
  const message = `name: a project named ${JSON.stringify(name)} already exists. GET /v1/projects lists all projects, with ?archived=true those that are archived. Choose another name.`;
  return new ApiError(message, { status: 409, type: 'invalid_request_error', code: 'name_taken', param: 'name' });
}

function noLimitWithoutPrices(missing: readonly string[]): ApiError {
  const message = `spend_limit needs a price for every model, and ${missing.join(' and ')} has none. Set PRICES, such as ${missing.map((model) => `${model}=0.20`).join(',')}, restart the service, and then set the limit.`;
  return invalidRequest(message, 'spend_limit');
}

function toProject({ id, name, createdAt, archivedAt }: ProjectEntity): ProjectRecord {
  return {
    id,
    object: 'project',
    name,
    created_at: createdAt.toISOString(),
    archived_at: archivedAt?.toISOString() ?? null,
  };
}

const NOTHING_SPENT: ApiKeyRecord['spent'] = { total: {}, this_month: {} };

function toKey(key: ApiKeyEntity, spendLimit: ApiKeyRecord['spend_limit'], spent: ApiKeyRecord['spent']): ApiKeyRecord {
  return {
    id: key.id,
    object: 'api_key',
    project_id: key.projectId,
    name: key.name,
    prefix: key.prefix,
    scopes: key.scopes,
    rate_limit: key.rateLimit,
    spend_limit: spendLimit,
    spent,
    created_at: key.createdAt.toISOString(),
    expires_at: key.expiresAt?.toISOString() ?? null,
    revoked_at: key.revokedAt?.toISOString() ?? null,
    archived_at: key.archivedAt?.toISOString() ?? null,
    last_used_at: key.lastUsedAt?.toISOString() ?? null,
  };
}
