import type { ImageState } from '@wan-image/core';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** An image of a generation: `input` or `output`. Partitioned like its generation, so a month is dropped as a whole. */
@Entity({ name: 'generation_image' })
export class GenerationImageEntity {
  @PrimaryColumn('uuid', { name: 'generation_id' })
  generationId!: string;

  @PrimaryColumn('text')
  role!: 'input' | 'output';

  /** From 0, in the order of the request or of the response. */
  @PrimaryColumn('smallint')
  index!: number;

  /** For an input given as a URL: the state of the copy that is made in the background; null if no copy is made. */
  @Column('text', { nullable: true })
  state!: ImageState | null;

  /** For an input: the URL from the request. For an output: the vendor's URL, until the bytes are stored. */
  @Column('text', { name: 'source_url', nullable: true })
  sourceUrl!: string | null;

  @Column('text', { nullable: true })
  sha256!: string | null;

  @Column('integer', { nullable: true })
  width!: number | null;

  @Column('integer', { nullable: true })
  height!: number | null;

  @Column('integer', { nullable: true })
  bytes!: number | null;

  @Column('text', { name: 'mime_type', nullable: true })
  mimeType!: string | null;

  /** What is unusual about the bytes, for people. Null if they are an image whose format the service knows. */
  @Column('text', { nullable: true })
  warning?: string | null;

  /** The EXIF orientation, from 1 to 8, of which width and height already take account. Null if the file has none. */
  @Column('smallint', { nullable: true })
  orientation?: number | null;

  @Column('text', { name: 'revised_prompt', nullable: true })
  revisedPrompt!: string | null;

  /** For an input given as a URL of this service: the id of that image. */
  @Column('text', { name: 'from_image', nullable: true })
  fromImage?: string | null;

  /** For an input that is copied from its URL, and an output that is fetched from the upstream: the number of attempts. */
  @Column('smallint', { nullable: true })
  tries?: number | null;

  /** For a pending image: the time of the next attempt. */
  @Column({ type: 'timestamptz', name: 'try_at', precision: 3, nullable: true })
  tryAt?: Date | null;

  /** For an output whose URL had expired: when it was given up. If that is still to come, the clock was ahead. */
  @Column({ type: 'timestamptz', name: 'lost_at', precision: 3, nullable: true })
  lostAt?: Date | null;

  /** When the image itself was put into the bin or, with the state `deleted`, deleted for good. */
  @Column({ type: 'timestamptz', name: 'deleted_at', precision: 3, nullable: true })
  deletedAt?: Date | null;
}

/** An image that is about to be recorded. */
export type NewImage = Omit<GenerationImageEntity, 'generationId'>;
