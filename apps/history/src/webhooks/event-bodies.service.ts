import { Injectable } from '@nestjs/common';
import { imageIdOf } from '../domain/image-key.ts';
import { GenerationsService } from '../generations/generations.service.ts';
import type { WebhookDeliveryEntity } from './webhook-delivery.entity.ts';

/** What a body tells of. */
export type HandedEvent = Pick<
  WebhookDeliveryEntity,
  'type' | 'generationId' | 'imageIndex' | 'eventState' | 'eventOutcome' | 'eventAt'
>;

/** The bodies of requests to webhooks. */
@Injectable()
export class EventBodies {
  constructor(private readonly generations: GenerationsService) {}

  /** The record as it is now, with the state and the outcome of the event. */
  async of({ type, generationId, imageIndex, eventState, eventOutcome, eventAt }: HandedEvent): Promise<string> {
    const [record] = generationId === null ? [] : await this.generations.getInOrder([generationId]);
    if (record === undefined || generationId === null)
      return bodyOf(type, eventAt, { id: generationId, deleted: true });
    return bodyOf(type, eventAt, {
      ...record,
      state: eventState ?? record.state,
      outcome: eventOutcome,
      ...(imageIndex !== null && { image_id: imageIdOf({ generationId, role: 'output', index: imageIndex }) }),
    });
  }
}

export function bodyOf(type: string, at: Date, data: object): string {
  return JSON.stringify({ type, timestamp: at.toISOString(), data });
}
