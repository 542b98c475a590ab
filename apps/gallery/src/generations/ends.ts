import { isWanImageError, type GenerationRecord, type HistoryClient } from '@wan-image/core';
import { reader } from '../api/reader.ts';

/** How often the generations that are waited for are asked about, all of them by one request. */
const PAUSE_MS = 3000;

/** What is read at a time; the others wait until one of these has ended. */
const MAX_ASKED = 100;

interface Waiting {
  readonly resolve: (record: GenerationRecord | null) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Waits for ends of generations, through interruptions of the connection and of the session. One request asks about all of them: a browser has
 * six connections to a host, which a long poll for each would use up.
 */
export function createEnds(history: Pick<HistoryClient, 'page'>, pauseMs = PAUSE_MS) {
  const waiting = new Map<string, readonly Waiting[]>();
  let isAsking = false;
  const settle = (id: string, how: (one: Waiting) => void): void => {
    waiting.get(id)?.forEach(how);
    waiting.delete(id);
  };
  const ask = async (): Promise<void> => {
    const ids = [...waiting.keys()].slice(0, MAX_ASKED);
    const { data } = await history.page({ id: ids, limit: MAX_ASKED });
    const found = new Map(data.map((record) => [record.id, record]));
    for (const id of ids) {
      const record = found.get(id);
      if (record === undefined) settle(id, ({ resolve }) => resolve(null));
      else if (record.finished_at !== null) settle(id, ({ resolve }) => resolve(record));
    }
  };
  const askAll = async (): Promise<void> => {
    while (waiting.size > 0) {
      try {
        await ask();
      } catch (error) {
        if (!isTemporary(error)) for (const id of waiting.keys()) settle(id, ({ reject }) => reject(error));
      }
      if (waiting.size > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    isAsking = false;
  };
  const endOfOne = (id: string): Promise<GenerationRecord | null> =>
    new Promise((resolve, reject) => {
      waiting.set(id, [...(waiting.get(id) ?? []), { resolve, reject }]);
      if (isAsking) return;
      isAsking = true;
      void askAll();
    });
  return { endOf: endOfOne, forget: () => waiting.clear() };
}

const ends = createEnds(reader);

/** Resolves with the record once the generation has ended; with null if it is in the bin or was deleted. */
export const { endOf } = ends;

/** After somebody has signed out, the next one is somebody else: nothing is waited for any more. */
export const forgetEnds = ends.forget;

/** After the user has signed in again, too. */
function isTemporary(error: unknown): boolean {
  return isWanImageError(error) && (error.retryable || error.status === 401 || error.fault === 'network');
}
