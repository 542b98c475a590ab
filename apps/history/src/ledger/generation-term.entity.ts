import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What a client may look a generation up by: its `user`, each pair of its `metadata`, its `seed`. */
@Entity({ name: 'generation_term' })
export class GenerationTermEntity {
  @PrimaryColumn('uuid', { name: 'generation_id' })
  generationId!: string;

  /** See `lookup-term.ts`. */
  @PrimaryColumn('uuid')
  term!: string;

  @Column('uuid', { name: 'project_id' })
  projectId!: string;
}
