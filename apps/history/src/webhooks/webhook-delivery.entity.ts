import type { GenerationOutcome, GenerationState, WebhookDeliveryState } from '@wan-image/core';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** One event for one webhook, and what came of its tries. */
@Entity({ name: 'webhook_delivery' })
@Index('webhook_delivery_list', ['webhookId', 'id'])
@Index('webhook_delivery_undelivered', ['webhookId', 'id'], { where: `state = 'undelivered'` })
@Index('webhook_delivery_due', ['webhookId', 'nextAttemptAt'], { where: `state = 'pending'` })
@Index('webhook_delivery_delivered', ['webhookId', 'deliveredAt'], { where: 'delivered_at is not null' })
@Index('webhook_delivery_created', ['createdAt'])
export class WebhookDeliveryEntity {
  /** UUID v7, so ids sort by time. */
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'webhook_id' })
  webhookId!: string;

  @Column('uuid', { name: 'project_id' })
  projectId!: string;

  /** The id of the entry of the outbox: the same for all webhooks and all tries. */
  @Column('uuid', { name: 'event_id' })
  eventId!: string;

  @Column('text')
  type!: string;

  /** Null for a test. */
  @Column('uuid', { name: 'generation_id', nullable: true })
  generationId!: string | null;

  /** Of the image that was lost; null for all other events. */
  @Column('smallint', { name: 'image_index', nullable: true })
  imageIndex!: number | null;

  /** Of the generation at the event: the record may be another by the time of the first try. */
  @Column('text', { name: 'event_state', nullable: true })
  eventState!: GenerationState | null;

  @Column('text', { name: 'event_outcome', nullable: true })
  eventOutcome!: GenerationOutcome | null;

  @Column({ type: 'timestamptz', name: 'event_at', precision: 3 })
  eventAt!: Date;

  /** What is sent, from the first try on, so that all tries send the same bytes. Null before it. */
  @Column('text', { nullable: true })
  body!: string | null;

  @Column('text')
  state!: WebhookDeliveryState;

  @Column('text', { nullable: true })
  reason!: string | null;

  /** All tries. The result of a try is written only while it is the last one. */
  @Column('integer')
  attempts!: number;

  /** The tries since the schedule began. */
  @Column('smallint', { name: 'schedule_step' })
  scheduleStep!: number;

  @Column('smallint', { name: 'response_status', nullable: true })
  responseStatus!: number | null;

  @Column('text', { name: 'response_body', nullable: true })
  responseBody!: string | null;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'attempted_at', precision: 3, nullable: true })
  attemptedAt!: Date | null;

  /** During a try: when another process repeats it, in case this one dies. Null unless it is pending. */
  @Column({ type: 'timestamptz', name: 'next_attempt_at', precision: 3, nullable: true })
  nextAttemptAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'delivered_at', precision: 3, nullable: true })
  deliveredAt!: Date | null;
}
