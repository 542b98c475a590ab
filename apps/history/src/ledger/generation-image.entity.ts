import type { ImageState } from '@wan-image/core';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** An image of a generation, given (`input`) or made (`output`). Partitioned like its generation, so a month goes as one. */
@Entity({ name: 'generation_image' })
export class GenerationImageEntity {
  @PrimaryColumn('uuid', { name: 'generation_id' })
  generationId!: string;

  @PrimaryColumn('text')
  role!: 'input' | 'output';

  /** From 0, in the order of the request or of the response. */
  @PrimaryColumn('smallint')
  index!: number;

  /** Of an input that was given as a URL: of the copy that is made of it in the background; null where none is made. */
  @Column('text', { nullable: true })
  state!: ImageState | null;

  /** Of an input: the URL that was given. Of an output: the vendor's, as long as the bytes are not kept. */
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

  @Column('text', { name: 'revised_prompt', nullable: true })
  revisedPrompt!: string | null;

  /** Of an input that was given as a URL of this service: the id of that image. */
  @Column('text', { name: 'from_image', nullable: true })
  fromImage?: string | null;

  /** Of an input that is copied from its URL: how often it was fetched. */
  @Column('smallint', { nullable: true })
  tries?: number | null;

  /** Of an input that is pending: when it is fetched next. */
  @Column({ type: 'timestamptz', name: 'try_at', precision: 3, nullable: true })
  tryAt?: Date | null;
}

/** An image that is about to be recorded. */
export type NewImage = Omit<GenerationImageEntity, 'generationId'>;
