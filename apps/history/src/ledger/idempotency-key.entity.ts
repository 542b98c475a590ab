import { Column, Entity, PrimaryColumn } from 'typeorm';

/** An idempotency key that a caller gave, and the generation that it stands for. */
@Entity({ name: 'idempotency_key' })
export class IdempotencyKeyEntity {
  @PrimaryColumn('uuid', { name: 'project_id' })
  projectId!: string;

  @PrimaryColumn('text')
  key!: string;

  /** Of the request as it was accepted: a key stands for one request. */
  @Column('text')
  fingerprint!: string;

  @Column('uuid', { name: 'generation_id' })
  generationId!: string;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  createdAt!: Date;
}
