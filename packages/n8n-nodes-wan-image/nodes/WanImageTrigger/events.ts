import type { DeletedGeneration, WebhookEvent } from '@wan-image/core/portable';
import type { IDataObject } from 'n8n-workflow';
import { listOf } from '../WanImage/fields/values.ts';
import { simplified } from '../WanImage/images/record-json.ts';

/** As expressions or people give them. */
export interface Filters {
  readonly models?: unknown;
  readonly tags?: unknown;
}

/** An event about a generation: all but a test. */
export type GenerationEvent = Exclude<WebhookEvent, { type: 'webhook.test' }>;

type Generation = GenerationEvent['data'];

/** Whether a generation passes the filters. Of one that was deleted for good nothing is known but its id, so it passes none. */
export function passes(generation: Generation, { models, tags }: Filters): boolean {
  const [wantedModels, wantedTags] = [namesIn(models), namesIn(tags)];
  if (wantedModels.length === 0 && wantedTags.length === 0) return true;
  if (isDeleted(generation)) return false;
  const isModel = wantedModels.length === 0 || wantedModels.includes(generation.model);
  return isModel && wantedTags.every((tag) => generation.tags.includes(tag));
}

/** The output of the trigger. */
export function itemOf({ type, timestamp, data }: GenerationEvent, eventId: string, isSimple: boolean): IDataObject {
  const event = { event: type, event_id: eventId, timestamp, generation_id: data.id };
  const image = 'image_id' in data ? { image_id: data.image_id } : {};
  if (isDeleted(data)) return { ...event, deleted: true };
  if (!isSimple) return { ...event, ...image, generation: { ...data } };
  return { ...event, ...image, ...simplified(data) };
}

function isDeleted(generation: Generation): generation is DeletedGeneration {
  return !('images' in generation);
}

/** Separated by commas, or a list that an expression gives. Tags are compared as the service stores them: in NFC. */
function namesIn(value: unknown): readonly string[] {
  return (listOf(value) ?? []).map((name) => name.normalize('NFC'));
}
