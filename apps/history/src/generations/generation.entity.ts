import type { GenerationOutcome, GenerationState } from '@wan-image/core';
import { Column, Entity, PrimaryColumn } from 'typeorm';

export interface StoredError {
  readonly type: string;
  readonly code: string | null;
  readonly message: string;
  readonly param: string | null;
}

/** One request for pictures and what became of it. Partitioned by month on its id; see the migrations for the table. */
@Entity({ name: 'generation' })
export class GenerationEntity {
  /** UUID v7, made by the application: `uuidv7()` exists only from PostgreSQL 18. */
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  state!: GenerationState;

  @Column('text', { nullable: true })
  outcome!: GenerationOutcome | null;

  @Column('text')
  source!: string;

  @Column('text')
  model!: string;

  @Column('text')
  prompt!: string;

  /** As accepted, without `image`: the input pictures are rows of their own. */
  @Column('jsonb')
  request!: object;

  @Column('jsonb')
  dropped!: string[];

  @Column('jsonb', { nullable: true })
  error!: StoredError | null;

  @Column('text', { name: 'upstream_request_id', nullable: true })
  upstreamRequestId!: string | null;

  @Column('integer', { name: 'upstream_status', nullable: true })
  upstreamStatus!: number | null;

  @Column('integer', { nullable: true })
  attempts!: number | null;

  @Column('jsonb', { name: 'upstream_extra', nullable: true })
  upstreamExtra!: object | null;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  createdAt!: Date;

  /** Committed before the first byte leaves: what has it is never sent again by the machine. */
  @Column({ type: 'timestamptz', name: 'sent_at', precision: 3, nullable: true })
  sentAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'finished_at', precision: 3, nullable: true })
  finishedAt!: Date | null;
}
