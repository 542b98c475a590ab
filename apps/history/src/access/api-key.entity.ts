import type { ApiKeyScope, SpendPeriod } from '@wan-image/core';
import { Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import { wholeNumber } from '../domain/whole-number.ts';
import { ProjectEntity } from './project.entity.ts';

/** A key of a project. The admin may change all but its project and the key itself. */
@Entity({ name: 'api_key' })
@Unique('api_key_hash', ['hash'])
@Index('api_key_project', ['projectId', 'id'])
@ForeignKey(() => ProjectEntity, ['projectId'], ['id'], { name: 'api_key_of_project' })
export class ApiKeyEntity {
  /** UUID v7, so ids sort by time. */
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'project_id' })
  projectId!: string;

  @Column('text')
  name!: string;

  /** The first characters of the key, so that people can tell keys apart. */
  @Column('text')
  prefix!: string;

  /** SHA-256 of the key, in hex. The key itself is not stored. */
  @Column('text')
  hash!: string;

  @Column('text', { array: true })
  scopes!: ApiKeyScope[];

  /** Generations per minute; null: unlimited. */
  @Column('integer', { name: 'rate_limit', nullable: true })
  rateLimit!: number | null;

  /** In millionths of the currency, per period; null: unlimited. */
  @Column('bigint', { name: 'spend_limit', nullable: true, transformer: wholeNumber })
  spendLimit!: number | null;

  @Column('text', { name: 'spend_period', nullable: true })
  spendPeriod!: SpendPeriod | null;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'expires_at', precision: 3, nullable: true })
  expiresAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'revoked_at', precision: 3, nullable: true })
  revokedAt!: Date | null;

  /** While it is archived, it is refused and lists leave it out. Unlike a revocation, this can be undone. */
  @Column({ type: 'timestamptz', name: 'archived_at', precision: 3, nullable: true })
  archivedAt!: Date | null;

  /** Accurate to the minute. */
  @Column({ type: 'timestamptz', name: 'last_used_at', precision: 3, nullable: true })
  lastUsedAt!: Date | null;
}
