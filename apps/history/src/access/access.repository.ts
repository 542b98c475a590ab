import type { ListQuery } from '@wan-image/core';
import { DataSource, IsNull, LessThan } from 'typeorm';
import { Inject, Injectable } from '@nestjs/common';
import { READS } from '../database/database.ts';
import { ApiKeyEntity } from './api-key.entity.ts';
import { ProjectEntity } from './project.entity.ts';

interface Page<T> {
  readonly found: T[];
  readonly hasMore: boolean;
}

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
  async listProjects({ limit, cursor }: ListQuery): Promise<Page<ProjectEntity>> {
    const found = await this.dataSource.manager.find(ProjectEntity, {
      where: cursor === undefined ? {} : { id: LessThan(cursor) },
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

  async findKey(hash: string): Promise<ApiKeyEntity | null> {
    return this.dataSource.manager.findOneBy(ApiKeyEntity, { hash });
  }

  /** Newest first. */
  async listKeys(projectId: string | null, { limit, cursor }: ListQuery): Promise<Page<ApiKeyEntity>> {
    const found = await this.dataSource.manager.find(ApiKeyEntity, {
      where: {
        ...(projectId === null ? {} : { projectId }),
        ...(cursor === undefined ? {} : { id: LessThan(cursor) }),
      },
      order: { id: 'DESC' },
      take: limit + 1,
    });
    return { found: found.slice(0, limit), hasMore: found.length > limit };
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
