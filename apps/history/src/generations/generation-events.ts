import type { GenerationRecord, ImageRecord } from '@wan-image/core';

/** What a client has been told: the state, and the images whose fate is known. Its text is the `id` of an event. */
interface EventCursor {
  readonly state: string | null;
  readonly images: ReadonlySet<number>;
}

const ID = /^([a-z]+)(?:\.(\d{1,2}(?:-\d{1,2})*))?$/;

/** What the `Last-Event-ID` of a client says that it knows; nothing where it is none of ours. */
export function readEventId(id: string | undefined): EventCursor {
  const match = ID.exec(id ?? '');
  if (!match) return { state: null, images: new Set() };
  return { state: match[1] ?? null, images: new Set((match[2] ?? '').split('-').filter(Boolean).map(Number)) };
}

/**
 * What is new in a record, as server-sent events. An event's id says all that was told until then, so a client may go on with any replica,
 * and nothing has to be kept of what was sent.
 */
export function eventsOf(
  record: GenerationRecord,
  told: EventCursor,
): { readonly text: string; readonly told: EventCursor } {
  let text = '';
  const images = new Set(told.images);
  let { state } = told;
  const write = (event: string, data: unknown): void => {
    text += `event: ${event}\nid: ${idOf({ state, images })}\ndata: ${JSON.stringify(data)}\n\n`;
  };
  // Images first: whoever sees the end has seen them.
  for (const image of record.images) {
    if (!isSettled(image) || images.has(image.index)) continue;
    images.add(image.index);
    write('image', image);
  }
  if (state !== record.state) {
    state = record.state;
    const { id, outcome, error } = record;
    write('state', { id, state, outcome, error });
  }
  return { text, told: { state, images } };
}

/** Whether nothing more will happen: it has ended, and each image is kept or lost. */
export function isOver(record: GenerationRecord): boolean {
  return record.finished_at !== null && record.images.every(isSettled);
}

/** Whether a client that comes back knows all there is to know. */
export function isUpToDate(record: GenerationRecord, told: EventCursor): boolean {
  return isOver(record) && eventsOf(record, told).text === '';
}

function isSettled({ state }: ImageRecord): boolean {
  return state !== 'pending';
}

function idOf({ state, images }: EventCursor): string {
  const list = [...images].toSorted((one, other) => one - other).join('-');
  return list === '' ? (state ?? 'none') : `${state ?? 'none'}.${list}`;
}
