import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A tag of a generation, as people wrote it. */
@Entity({ name: 'generation_tag' })
export class GenerationTagEntity {
  @PrimaryColumn('uuid', { name: 'generation_id' })
  generationId!: string;

  @PrimaryColumn('text', { collation: 'C' })
  tag!: string;

  @Column('uuid', { name: 'project_id' })
  projectId!: string;
}
