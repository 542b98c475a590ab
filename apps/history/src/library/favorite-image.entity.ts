import { Column, Entity, PrimaryColumn } from 'typeorm';

/** An output image that somebody marked as a favorite. */
@Entity({ name: 'favorite_image' })
export class FavoriteImageEntity {
  @PrimaryColumn('uuid', { name: 'generation_id' })
  generationId!: string;

  @PrimaryColumn('smallint')
  index!: number;

  @Column('uuid', { name: 'project_id' })
  projectId!: string;
}
