import type { GenerationOutcome, GenerationState } from '@wan-image/core';
import { DEFAULT_PROJECT_ID } from '../domain/project-id.ts';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { wholeNumber } from '../domain/whole-number.ts';

export interface StoredError {
  readonly type: string;
  readonly code: string | null;
  readonly message: string;
  readonly param: string | null;
}

/** A parameter as the client sent it, null where it was absent, and the value that was used. */
export interface Adaptation {
  readonly param: string;
  readonly given: string | null;
  readonly used: string;
}

/** A generation: its request and its outcome. Partitioned by month on its id; the migrations define the table. */
@Entity({ name: 'generation' })
export class GenerationEntity {
  /** UUID v7, made by the application: `uuidv7()` exists only from PostgreSQL 18. */
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'project_id', default: DEFAULT_PROJECT_ID })
  projectId!: string;

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

  /** As accepted, without `image`: the input images are rows of their own. */
  @Column('jsonb')
  request!: object;

  @Column('jsonb')
  dropped!: string[];

  /** What was given in OpenAI's dialect, and what was taken for it. */
  @Column('jsonb', { default: [] })
  adapted!: Adaptation[];

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

  /** Of the request as it was accepted; null in records from before there was one. */
  @Column('text', { nullable: true })
  fingerprint!: string | null;

  /** The HTTP status of the response, and its `created`: with the record, all that a replay needs. */
  @Column('smallint', { name: 'reply_status', nullable: true })
  responseStatus!: number | null;

  @Column('bigint', {
    name: 'reply_created',
    nullable: true,
    transformer: wholeNumber,
  })
  responseCreated!: number | null;

  /** The key that asked for it; null: the admin key, or none. */
  @Column('uuid', { name: 'api_key_id', nullable: true })
  apiKeyId!: string | null;

  /** What it can cost at most, in millionths of the currency; null where there is no price. It stays, also when the cost is known. */
  @Column('bigint', { nullable: true, transformer: wholeNumber })
  reserved!: number | null;

  /** What it has cost, as far as is known; null until it has ended, and where there is no price. */
  @Column('bigint', { nullable: true, transformer: wholeNumber })
  cost!: number | null;

  @Column('text', { nullable: true })
  currency!: string | null;

  /** The period of its key whose limit it counts against; null where there is no limit. */
  @Column({ type: 'timestamptz', name: 'spend_period_start', precision: 3, nullable: true })
  spendPeriodStart!: Date | null;

  /** The process that has it; null where any may take it. */
  @Column('uuid', { name: 'worker_id', nullable: true })
  workerId!: string | null;

  /** When somebody asked that it be given up; the process that has it does so. */
  @Column({ type: 'timestamptz', name: 'cancel_requested_at', precision: 3, nullable: true })
  cancelRequestedAt!: Date | null;

  /** When a person said what an unknown outcome was. */
  @Column({ type: 'timestamptz', name: 'resolved_at', precision: 3, nullable: true })
  resolvedAt!: Date | null;

  /** Committed before the first byte leaves: what has it is never sent again by the machine. */
  @Column({ type: 'timestamptz', name: 'sent_at', precision: 3, nullable: true })
  sentAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'finished_at', precision: 3, nullable: true })
  finishedAt!: Date | null;
}
