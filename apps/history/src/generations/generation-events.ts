import type { GenerationRecord, ImageRecord } from '@wan-image/core';

/** What of a record its events tell. */
export type WatchedRecord = Pick<GenerationRecord, 'id' | 'state' | 'outcome' | 'error' | 'images' | 'finished_at'>;

/** What a client has received: the state, and the images that are stored or lost. Serialized, it is the `id` of an event. */
interface EventCursor {
  readonly state: string | null;
  readonly images: ReadonlySet<number>;
}

const ID = /^([a-z]+)(?:\.(\d{1,2}(?:-\d{1,2})*))?$/;

/** Reads the `Last-Event-ID` of a client; an empty cursor where this service did not write it. */
export function readEventId(id: string | undefined): EventCursor {
  const match = ID.exec(id ?? '');
  if (!match) return { state: null, images: new Set() };
  return { state: match[1] ?? null, images: new Set((match[2] ?? '').split('-').filter(Boolean).map(Number)) };
}

/**
 * The changes of a record, as server-sent events. The id of an event holds everything the client has received, so a client can reconnect to
 * any replica, and no replica keeps state for it.
 */
export function eventsOf(
  record: WatchedRecord,
  cursor: EventCursor,
): { readonly text: string; readonly cursor: EventCursor } {
  let text = '';
  const images = new Set(cursor.images);
  let { state } = cursor;
  const write = (event: string, data: unknown): void => {
    text += `event: ${event}\nid: ${idOf({ state, images })}\ndata: ${JSON.stringify(data)}\n\n`;
  };
  // Images first: a client that receives the final state has received them.
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
  return { text, cursor: { state, images } };
}

/** Whether the record is final: the generation has ended, and each image is stored or lost. */
export function isOver(record: WatchedRecord): boolean {
  return record.finished_at !== null && record.images.every(isSettled);
}

/** Whether a client that reconnects has received everything. */
export function isUpToDate(record: WatchedRecord, cursor: EventCursor): boolean {
  return isOver(record) && eventsOf(record, cursor).text === '';
}

function isSettled({ state }: ImageRecord): boolean {
  return state !== 'pending';
}

function idOf({ state, images }: EventCursor): string {
  const list = [...images].toSorted((one, other) => one - other).join('-');
  return list === '' ? (state ?? 'none') : `${state ?? 'none'}.${list}`;
}
