import type { RetentionPolicy } from '@wan-image/core';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Walked } from './retention-parts.ts';

/** How long a project keeps what was generated. Without a row, it keeps everything. */
@Entity({ name: 'retention_policy' })
export class RetentionPolicyEntity {
  @PrimaryColumn('uuid', { name: 'project_id' })
  projectId!: string;

  @Column('jsonb')
  policy!: RetentionPolicy;

  /** Whether anything is ever deleted by it. */
  @Column('boolean', { name: 'has_limits' })
  hasLimits!: boolean;

  /** Another one with each change. */
  @Column('integer', { default: 1 })
  revision!: number;

  @Column({ type: 'timestamptz', name: 'updated_at', precision: 3 })
  updatedAt!: Date;

  /** When to look next for what has to go. */
  @Column({ type: 'timestamptz', name: 'due_at', precision: 3 })
  dueAt!: Date;

  /** When it was last carried out. */
  @Column({ type: 'timestamptz', name: 'started_at', precision: 3, nullable: true })
  startedAt!: Date | null;

  /** The job of the last time; null if there was nothing to delete. */
  @Column('uuid', { name: 'job_id', nullable: true })
  jobId!: string | null;

  /** Up to where the earlier runs have looked. */
  @Column('jsonb', { default: {} })
  walked!: Walked;
}
