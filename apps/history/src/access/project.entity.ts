import { Column, Entity, PrimaryColumn, Unique } from 'typeorm';

/** Owns generations and keys. To a caller, those of other projects do not exist. */
@Entity({ name: 'project' })
@Unique('project_name', ['name'])
export class ProjectEntity {
  /** UUID v7, so ids sort by time. */
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  name!: string;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  createdAt!: Date;

  /** While it is archived, its keys are refused and lists leave it out. */
  @Column({ type: 'timestamptz', name: 'archived_at', precision: 3, nullable: true })
  archivedAt!: Date | null;
}
