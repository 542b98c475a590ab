import type { GenerationRecord, ImageRecord } from '@wan-image/core';

export function isInFlight({ state }: Pick<GenerationRecord, 'state'>): boolean {
  return state === 'queued' || state === 'running';
}

/** Whether events may still change it: its last images are stored after it has ended. */
export function isChanging(record: GenerationRecord): boolean {
  return isInFlight(record) || record.images.some(({ state }) => state === 'pending');
}

/** A record with an image as it is now. */
export function withImage(record: GenerationRecord, image: ImageRecord): GenerationRecord {
  const others = record.images.filter(({ id }) => id !== image.id);
  return { ...record, images: [...others, image].toSorted((a, b) => a.index - b.index) };
}
