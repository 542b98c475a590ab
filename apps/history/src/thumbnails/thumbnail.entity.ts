import { Column, Entity, PrimaryColumn } from 'typeorm';

export type ThumbnailFormat = 'webp' | 'jpeg';

/** A thumbnail of an image, and its file in the store. Rendered again if the file is missing. */
@Entity({ name: 'thumbnail' })
export class ThumbnailEntity {
  /** SHA-256 of the original's bytes. */
  @PrimaryColumn('text', { name: 'source_sha256' })
  sourceSha256!: string;

  /** One of the allowed widths, in pixels. */
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

/** Identifies a thumbnail: the original's bytes, the width and the format. */
export type ThumbnailKey = Pick<ThumbnailEntity, 'sourceSha256' | 'width' | 'format'>;
