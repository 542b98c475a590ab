import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A generation that began within the last minute; kept only where the upstream's rate is limited. */
@Entity({ name: 'upstream_start' })
export class UpstreamStartEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column({ type: 'timestamptz', name: 'started_at', precision: 3 })
  startedAt!: Date;
}
