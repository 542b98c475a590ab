import type {
  ApiKeyList,
  ApiKeyListQuery,
  ApiKeyRecord,
  CreateApiKeyRequest,
  CreatedApiKey,
  CreateProjectRequest,
  ListQuery,
  ProjectList,
  ProjectRecord,
} from '@wan-image/core';
import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { DatabaseClock } from '../database/database-clock.ts';
import { DEFAULT_PROJECT_ID } from '../domain/project-id.ts';
import { ApiError, invalidRequest } from '../domain/api-error.ts';
import { millionthsOf } from '../domain/money.ts';
import { Prices } from '../spending/prices.ts';
import { SpendService } from '../spending/spend.service.ts';
import { AccessRepository } from './access.repository.ts';
import type { ApiKeyEntity } from './api-key.entity.ts';
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
    const project = { id: uuidv7({ msecs: createdAt.getTime() }), name, createdAt };
    if (await this.repository.insertProject(project)) return toProject(project);
    const message = `name: a project named ${JSON.stringify(name)} already exists. GET /v1/projects lists all projects. Choose another name.`;
    throw new ApiError(message, { status: 409, type: 'invalid_request_error', code: 'name_taken', param: 'name' });
  }

  async listProjects(query: ListQuery): Promise<ProjectList> {
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
    const expiresAt = request.expires_at ? new Date(request.expires_at) : null;
    if (expiresAt !== null && !(expiresAt > createdAt))
      throw invalidRequest('expires_at is over already: give a time to come, or leave it out.', 'expires_at');
    if (spendLimit !== null && this.prices.missing.length > 0) throw noLimitWithoutPrices(this.prices.missing);
    if ((await this.repository.getProject(projectId)) === null)
      throw invalidRequest(`project_id: there is no project ${projectId}. GET /v1/projects lists them.`, 'project_id');
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
      lastUsedAt: null,
    };
    await this.repository.insertKey(entity);
    return { ...(await this.#toKey(entity)), key };
  }

  async listKeys({ projectId, ...page }: ApiKeyListQuery): Promise<ApiKeyList> {
    const { found, hasMore } = await this.repository.listKeys(projectId, page);
    const limits = await this.spend.limitsOf(found);
    const data = found.map((key) => toKey(key, limits.get(key.id) ?? null));
    return { object: 'list', data, has_more: hasMore, next_cursor: hasMore ? (data.at(-1)?.id ?? null) : null };
  }

  async getKey(id: string): Promise<ApiKeyRecord | null> {
    const key = await this.repository.getKey(id);
    return key && (await this.#toKey(key));
  }

  /** Does not change a key that is already revoked. This process refuses the key at once, others within a few seconds. */
  async revokeKey(id: string): Promise<ApiKeyRecord | null> {
    await this.repository.revokeKey(id, this.clock.now());
    this.keys.clear();
    return this.getKey(id);
  }

  async #toKey(key: ApiKeyEntity): Promise<ApiKeyRecord> {
    return toKey(key, (await this.spend.limitsOf([key])).get(key.id) ?? null);
  }
}

function noLimitWithoutPrices(missing: readonly string[]): ApiError {
  const message = `spend_limit needs a price for every model, and ${missing.join(' and ')} has none. Set PRICES, such as ${missing.map((model) => `${model}=0.20`).join(',')}, start the service again, and make the key then.`;
  return invalidRequest(message, 'spend_limit');
}

function toProject({ id, name, createdAt }: ProjectEntity): ProjectRecord {
  return { id, object: 'project', name, created_at: createdAt.toISOString() };
}

function toKey(key: ApiKeyEntity, spendLimit: ApiKeyRecord['spend_limit']): ApiKeyRecord {
  return {
    id: key.id,
    object: 'api_key',
    project_id: key.projectId,
    name: key.name,
    prefix: key.prefix,
    scopes: key.scopes,
    rate_limit: key.rateLimit,
    spend_limit: spendLimit,
    created_at: key.createdAt.toISOString(),
    expires_at: key.expiresAt?.toISOString() ?? null,
    revoked_at: key.revokedAt?.toISOString() ?? null,
    last_used_at: key.lastUsedAt?.toISOString() ?? null,
  };
}
