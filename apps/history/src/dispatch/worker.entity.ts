import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A process of the service; one that is not seen any more is dead, and what it was at is left behind. */
@Entity({ name: 'worker' })
export class WorkerEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column({ type: 'timestamptz', name: 'seen_at', precision: 3 })
  seenAt!: Date;
}
