import type { BackgroundJobState } from '@wan-image/core';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { wholeNumber } from '../domain/whole-number.ts';
import type { StoredError } from '../ledger/generation.entity.ts';

/** Long work that a request has asked for: how far it is, and where it continues after a crash. */
@Entity({ name: 'background_job' })
export class BackgroundJobEntity {
  /** UUID v7. */
  @PrimaryColumn('uuid')
  id!: string;

  /** Null for work on the whole service. */
  @Column('uuid', { name: 'project_id', nullable: true })
  projectId!: string | null;

  @Column('text')
  kind!: string;

  @Column('text')
  state!: BackgroundJobState;

  /** What to do, as its kind reads it. Stays as it is. */
  @Column('jsonb')
  input!: object;

  /** Where it continues, as its kind reads it. */
  @Column('jsonb', { default: {} })
  progress!: object;

  @Column('bigint', { default: 0, transformer: wholeNumber })
  done!: number;

  /** Null if unknown. */
  @Column('bigint', { nullable: true, transformer: wholeNumber })
  total!: number | null;

  @Column('jsonb', { nullable: true })
  result!: object | null;

  @Column('jsonb', { nullable: true })
  error!: StoredError | null;

  /** The process that runs it. */
  @Column('uuid', { name: 'worker_id', nullable: true })
  workerId!: string | null;

  @Column({ type: 'timestamptz', name: 'cancel_requested_at', precision: 3, nullable: true })
  cancelRequestedAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'finished_at', precision: 3, nullable: true })
  finishedAt!: Date | null;
}
