import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** Where the events of a project are sent. */
@Entity({ name: 'webhook' })
@Index('webhook_project', ['projectId', 'id'])
export class WebhookEntity {
  /** UUID v7, so ids sort by time. */
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'project_id' })
  projectId!: string;

  @Column('text')
  url!: string;

  @Column('text', { array: true })
  events!: string[];

  @Column('text', { nullable: true })
  description!: string | null;

  @Column('boolean')
  enabled!: boolean;

  /** Why the service disabled it; null if it did not. */
  @Column('text', { name: 'disabled_reason', nullable: true })
  disabledReason!: string | null;

  /** What requests are signed with, so a hash would not do. */
  @Column('text')
  secret!: string;

  /** The secret before the last rotation, with which requests are signed too for a while. */
  @Column('text', { name: 'previous_secret', nullable: true })
  previousSecret!: string | null;

  @Column({ type: 'timestamptz', name: 'previous_secret_until', precision: 3, nullable: true })
  previousSecretUntil!: Date | null;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  createdAt!: Date;

  /** Its row stays until its deliveries are deleted. Nobody sees it any more. */
  @Column({ type: 'timestamptz', name: 'deleted_at', precision: 3, nullable: true })
  deletedAt!: Date | null;
}
