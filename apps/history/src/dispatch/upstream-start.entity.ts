import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A generation that started within the last minute; recorded only if the rate of the upstream is limited. */
@Entity({ name: 'upstream_start' })
export class UpstreamStartEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column({ type: 'timestamptz', name: 'started_at', precision: 3 })
  startedAt!: Date;
}
