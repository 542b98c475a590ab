import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Something that has happened to a generation, until every consumer has it. */
@Entity({ name: 'outbox' })
export class OutboxEntity {
  /** Of the event, over all tries to deliver it. */
  @PrimaryColumn('uuid', { default: () => 'gen_random_uuid()' })
  id!: string;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3, default: () => 'now()' })
  createdAt!: Date;

  @Column('uuid', { name: 'project_id' })
  projectId!: string;

  @Column('uuid', { name: 'generation_id' })
  generationId!: string;

  /** The type of the event; null for the figures alone. */
  @Column('text', { nullable: true })
  type!: string | null;

  /** State and outcome of the generation after the event. */
  @Column('text', { nullable: true })
  state!: string | null;

  @Column('text', { nullable: true })
  outcome!: string | null;

  /** The output image that it is about, from 0; null if it is about the generation. */
  @Column('smallint', { name: 'image_index', nullable: true })
  imageIndex!: number | null;

  @Column('text')
  model!: string;

  @Column('text')
  source!: string;

  @Column('uuid', { name: 'api_key_id', nullable: true })
  apiKeyId!: string | null;

  @Column('boolean')
  simulated!: boolean;

  /** The hour in which the generation was created. */
  @Column({ type: 'timestamptz', precision: 0 })
  hour!: Date;

  /** The changes of figures; null without any. */
  @Column('jsonb', { nullable: true })
  added!: Readonly<Record<string, number>> | null;

  @Column('jsonb', { nullable: true })
  removed!: Readonly<Record<string, number>> | null;

  /** Whether what is removed was deleted for good, and stays counted. */
  @Column('boolean', { name: 'is_purge', default: false })
  isPurge!: boolean;

  /** Whether webhooks have it. */
  @Column('boolean')
  announced!: boolean;

  /** Whether statistics have it. */
  @Column('boolean')
  counted!: boolean;
}
