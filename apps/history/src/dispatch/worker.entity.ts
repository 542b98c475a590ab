import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A process of the service. Without a recent heartbeat it counts as dead, and its generations as orphaned. */
@Entity({ name: 'worker' })
export class WorkerEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column({ type: 'timestamptz', name: 'seen_at', precision: 3 })
  seenAt!: Date;
}
