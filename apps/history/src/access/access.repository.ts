import type { ApiKeyListQuery, ProjectListQuery } from '@wan-image/core';
import { DataSource, IsNull, LessThan, Not, QueryFailedError } from 'typeorm';
import { Inject, Injectable } from '@nestjs/common';
import { READS } from '../database/database.ts';
import { TRANSACTION_LIMITS } from '../database/limits.ts';
import { ApiKeyEntity } from './api-key.entity.ts';
import { KeyRateEntity } from './key-rate.entity.ts';
import { ProjectEntity } from './project.entity.ts';

interface Page<T> {
  readonly found: T[];
  readonly hasMore: boolean;
}

/** A key, and whether its project is archived. */
export interface KeyOfProject extends ApiKeyEntity {
  readonly projectArchivedAt: Date | null;
}

/** The fields of a key that the admin may change. */
export type KeyChanges = Partial<
  Pick<ApiKeyEntity, 'name' | 'scopes' | 'rateLimit' | 'spendLimit' | 'spendPeriod' | 'expiresAt' | 'archivedAt'>
>;

const UNIQUE_VIOLATION = '23505';

/** All queries on projects and their keys. */
@Injectable()
export class AccessRepository {
  constructor(@Inject(READS) private readonly dataSource: DataSource) {}

  /** Returns false if a project with this name exists. */
  async insertProject(project: ProjectEntity): Promise<boolean> {
    const inserted = await this.dataSource.manager
      .createQueryBuilder()
      .insert()
      .into(ProjectEntity)
      .values(project)
      .orIgnore()
      .returning('id')
      .execute();
    return (inserted.raw as unknown[]).length > 0;
  }

  async getProject(id: string): Promise<ProjectEntity | null> {
    return this.dataSource.manager.findOneBy(ProjectEntity, { id });
  }

  /** Newest first. */
  async listProjects({ limit, cursor, archived }: ProjectListQuery): Promise<Page<ProjectEntity>> {
    const found = await this.dataSource.manager.find(ProjectEntity, {
      where: { ...archivedIs(archived), ...(cursor === undefined ? {} : { id: LessThan(cursor) }) },
      order: { id: 'DESC' },
      take: limit + 1,
    });
    return { found: found.slice(0, limit), hasMore: found.length > limit };
  }

  async insertKey(key: ApiKeyEntity): Promise<void> {
    await this.dataSource.manager.insert(ApiKeyEntity, key);
  }

  async getKey(id: string): Promise<ApiKeyEntity | null> {
    return this.dataSource.manager.findOneBy(ApiKeyEntity, { id });
  }

  async findKey(hash: string): Promise<KeyOfProject | null> {
    const { entities, raw } = await this.dataSource.manager
      .createQueryBuilder(ApiKeyEntity, 'key')
      .innerJoin(ProjectEntity, 'project', 'project.id = key.project_id')
      .addSelect('project.archived_at', 'project_archived_at')
      .where('key.hash = :hash', { hash })
      .getRawAndEntities<{ readonly project_archived_at: Date | null }>();
    const [key] = entities;
    return key === undefined ? null : Object.assign(key, { projectArchivedAt: raw[0]?.project_archived_at ?? null });
  }

  /** Newest first. */
  async listKeys({ projectId, limit, cursor, archived }: ApiKeyListQuery): Promise<Page<ApiKeyEntity>> {
    const found = await this.dataSource.manager.find(ApiKeyEntity, {
      where: {
        ...archivedIs(archived),
        ...(projectId === null ? {} : { projectId }),
        ...(cursor === undefined ? {} : { id: LessThan(cursor) }),
      },
      order: { id: 'DESC' },
      take: limit + 1,
    });
    return { found: found.slice(0, limit), hasMore: found.length > limit };
  }

  /** Returns false if another project has this name. */
  async updateProject(id: string, changes: Partial<Pick<ProjectEntity, 'name' | 'archivedAt'>>): Promise<boolean> {
    if (Object.keys(changes).length === 0) return true;
    try {
      await this.dataSource.manager.update(ProjectEntity, { id }, changes);
      return true;
    } catch (error) {
      if (error instanceof QueryFailedError && codeOf(error.driverError) === UNIQUE_VIOLATION) return false;
      throw error;
    }
  }

  /**
   * Changes a key by what it is at that moment: the row is locked, so that of two changes at once each sees the other. Another rate limit
   * starts with a whole minute's quota. Null if there is no such key; what `changesOf` throws undoes everything.
   */
  async updateKey(id: string, changesOf: (key: ApiKeyEntity) => KeyChanges): Promise<ApiKeyEntity | null> {
    return this.dataSource.transaction(async (manager) => {
      // A replica that freezes here must not keep others from using the key.
      await manager.query(TRANSACTION_LIMITS);
      const key = await manager.findOne(ApiKeyEntity, { where: { id }, lock: { mode: 'pessimistic_write' } });
      if (key === null) return null;
      const changes = changesOf(key);
      if (Object.keys(changes).length > 0) await manager.update(ApiKeyEntity, { id }, changes);
      if (changes.rateLimit !== undefined && changes.rateLimit !== key.rateLimit)
        await manager.delete(KeyRateEntity, { apiKeyId: id });
      return Object.assign(key, changes);
    });
  }

  /** A key that is already revoked keeps its time of revocation. */
  async revokeKey(id: string, at: Date): Promise<void> {
    await this.dataSource.manager.update(ApiKeyEntity, { id, revokedAt: IsNull() }, { revokedAt: at });
  }

  /** Does nothing if the key was touched less than `intervalMs` ago: several replicas may see the same key used. */
  async touchKey(id: string, intervalMs: number): Promise<void> {
    await this.dataSource.manager
      .createQueryBuilder()
      .update(ApiKeyEntity)
      .set({ lastUsedAt: () => 'now()' })
      .where({ id })
      .andWhere(`(last_used_at is null or last_used_at < now() - :intervalMs::int * interval '1 millisecond')`, {
        intervalMs,
      })
      .execute();
  }
}

function archivedIs(archived: boolean): { readonly archivedAt: ReturnType<typeof IsNull> } {
  return { archivedAt: archived ? Not(IsNull()) : IsNull() };
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
}
