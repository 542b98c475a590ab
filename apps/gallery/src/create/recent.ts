import { isWanImageError, type GenerationRecord } from '@wan-image/core';
import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import type { QueryClient } from '@tanstack/react-query';
import { RECENT_KEY } from '../api/keys.ts';
import { reader } from '../api/reader.ts';
import { isInFlight } from '../generations/state.ts';
import { followed } from './followed.ts';
import { noteServerTime } from './server-time.ts';

export type Recent = readonly GenerationRecord[];

/** What the page names itself in `x-wan-image-client`. */
const SOURCE = ['gallery'];

/** How long what has ended stays beside the form. The library has everything. */
const SHOWN_MS = 24 * 60 * 60_000;
const MAX_SHOWN = 20;

/** How often the list is read: what is in flight and has no event stream of its own changes by this alone. */
const BUSY_MS = 3000;
const IDLE_MS = 30_000;

/** What was generated here lately, newest first, with all that is in flight: read from the service, so it goes on when the tab is closed. */
export function useRecent(queries: QueryClient, mayRead: boolean): UseQueryResult<Recent> {
  return useQuery({
    queryKey: RECENT_KEY,
    queryFn: async ({ signal }) => {
      const lists = mayRead ? await readLists(signal) : [];
      const missing = followed.get().filter((id) => lists.every((record) => record.id !== id));
      const others = await Promise.all(missing.map((id) => readFollowed(id, signal)));
      const found = [...lists, ...others.filter((record) => record !== null)];
      return merged(queries.getQueryData<Recent>(RECENT_KEY) ?? [], found);
    },
    refetchInterval: ({ state }) => (state.data?.some(isInFlight) ? BUSY_MS : IDLE_MS),
  });
}

/** Puts a record, or a newer state of it, into the list. */
export function putRecord(queries: QueryClient, record: GenerationRecord): void {
  queries.setQueryData<Recent>(RECENT_KEY, (recent = []) => {
    const others = recent.filter(({ id }) => id !== record.id);
    return byTime([
      ...others,
      newer(
        recent.find(({ id }) => id === record.id),
        record,
      ),
    ]);
  });
}

/** Changes one record of the list. */
export function changeRecord(
  queries: QueryClient,
  id: string,
  change: (record: GenerationRecord) => GenerationRecord,
): void {
  queries.setQueryData<Recent>(RECENT_KEY, (recent) =>
    recent?.map((record) => (record.id === id ? newer(record, change(record)) : record)),
  );
}

/**
 * The newer of two states of a generation. A list that was requested before an event came is older than that event: what has ended does not
 * run again, and an image that was stored is not pending again.
 */
export function newer(known: GenerationRecord | undefined, next: GenerationRecord): GenerationRecord {
  if (known === undefined) return next;
  return progressOf(next) >= progressOf(known) ? next : known;
}

function progressOf(record: GenerationRecord): number {
  const stage = { queued: 0, running: 1, succeeded: 2, failed: 2, canceled: 2 }[record.state];
  return stage * 1000 + record.images.filter(({ state }) => state !== 'pending').length;
}

function merged(known: Recent, found: Recent): Recent {
  const byId = new Map(found.map((record) => [record.id, record]));
  for (const record of known) {
    const next = byId.get(record.id);
    if (next !== undefined) byId.set(record.id, newer(record, next));
    // It was submitted while the list was being read.
    else if (followed.get().includes(record.id)) byId.set(record.id, record);
  }
  return byTime([...byId.values()]);
}

/** Ids sort by time. */
function byTime(records: Recent): Recent {
  return records.toSorted((a, b) => (a.id < b.id ? 1 : -1));
}

async function readLists(signal: AbortSignal): Promise<Recent> {
  const [ended, running] = await Promise.all([
    reader.page({
      source: SOURCE,
      limit: MAX_SHOWN,
      created_after: new Date(Date.now() - SHOWN_MS).toISOString(),
      signal,
    }),
    reader.page({ source: SOURCE, state: ['queued', 'running'], limit: 100, onResponse: noteServerTime, signal }),
  ]);
  return [...new Map([...running.data, ...ended.data].map((record) => [record.id, record])).values()];
}

/** A generation of this tab that the list does not have; null, and followed no more, once it is deleted. */
async function readFollowed(id: string, signal: AbortSignal): Promise<GenerationRecord | null> {
  try {
    const record = await reader.get(id, { onResponse: noteServerTime, signal });
    if (record.deleted_at === null) return record;
  } catch (error) {
    if (!isWanImageError(error)) throw error;
    // This key may read nothing: what is known of it stays, and it is in the library of those who may.
    if (error.status === 403) return null;
    // Otherwise it was deleted for good, or is of another project since somebody else signed in.
    if (error.status !== 404 && error.status !== 410) throw error;
  }
  followed.remove(id);
  return null;
}
