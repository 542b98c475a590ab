import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The response of a generation without an idempotency key, until a client is known to have received it. */
@Entity({ name: 'open_response' })
export class OpenResponseEntity {
  @PrimaryColumn('uuid', { name: 'generation_id' })
  generationId!: string;

  @Column('uuid', { name: 'project_id' })
  projectId!: string;

  @Column('uuid', { name: 'api_key_id', nullable: true })
  apiKeyId!: string | null;

  @Column('text')
  fingerprint!: string;

  /** Whether it is a 202 response with the record. Such a row stays until the generation has ended. */
  @Column('boolean', { name: 'is_deferred' })
  isDeferred!: boolean;

  /** The highest retry count of the requests that got this generation: 0 for the request that began it. */
  @Column('smallint', { name: 'retry_count' })
  retryCount!: number;

  /** The request that waits for the response: an id of its own. */
  @Column('uuid')
  holder!: string;

  /** The process that has the connection of the holder. */
  @Column('uuid', { name: 'worker_id', nullable: true })
  workerId!: string | null;

  /** Whether the holder is known to have disconnected. */
  @Column('boolean', { name: 'is_detached', default: false })
  isDetached!: boolean;

  /** When the holder came, or disconnected. */
  @Column({ type: 'timestamptz', precision: 3, default: () => 'now()' })
  since!: Date;
}
