import { Column, Entity, PrimaryColumn } from 'typeorm';

/** An idempotency key from a client, and its generation. */
@Entity({ name: 'idempotency_key' })
export class IdempotencyKeyEntity {
  @PrimaryColumn('uuid', { name: 'project_id' })
  projectId!: string;

  @PrimaryColumn('text')
  key!: string;

  /** Fingerprint of the accepted request: a key belongs to one request. */
  @Column('text')
  fingerprint!: string;

  @Column('uuid', { name: 'generation_id' })
  generationId!: string;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  createdAt!: Date;
}
