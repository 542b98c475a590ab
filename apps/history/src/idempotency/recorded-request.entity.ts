import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A request with an idempotency key that has changed something, and its response. Those that generate are in `idempotency_key`. */
@Entity({ name: 'recorded_request' })
export class RecordedRequestEntity {
  @PrimaryColumn('uuid', { name: 'project_id' })
  projectId!: string;

  @PrimaryColumn('text')
  key!: string;

  /** A key belongs to one request. */
  @Column('text')
  fingerprint!: string;

  /** Null within the transaction that carries it out. */
  @Column('jsonb', { nullable: true })
  response!: object | null;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  createdAt!: Date;
}
