import { Column, Entity, PrimaryColumn } from 'typeorm';

export type ThumbnailFormat = 'webp' | 'jpeg';

/** A smaller form of an image: which file of the store it is. Made again whenever it is gone. */
@Entity({ name: 'thumbnail' })
export class ThumbnailEntity {
  /** Of the original's bytes. */
  @PrimaryColumn('text', { name: 'source_sha256' })
  sourceSha256!: string;

  /** A step of the ladder, in pixels. */
  @PrimaryColumn('integer')
  width!: number;

  @PrimaryColumn('text')
  format!: ThumbnailFormat;

  @Column('text')
  sha256!: string;

  @Column('integer')
  bytes!: number;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  createdAt!: Date;
}

/** What names a thumbnail: of which bytes, how wide, in which format. */
export type ThumbnailKey = Pick<ThumbnailEntity, 'sourceSha256' | 'width' | 'format'>;
