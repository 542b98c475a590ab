import { Entity, PrimaryColumn } from 'typeorm';

/** What a generation was made from: another one of its project. That one may have been deleted for good since. */
@Entity({ name: 'derivation' })
export class DerivationEntity {
  @PrimaryColumn('uuid', { name: 'child_id' })
  childId!: string;

  @PrimaryColumn('uuid', { name: 'parent_id' })
  parentId!: string;

  @PrimaryColumn('text')
  kind!: 'rerun' | 'edit';

  /** The image that was an input; empty for a rerun. */
  @PrimaryColumn('text', { name: 'image_id' })
  imageId!: string;
}
