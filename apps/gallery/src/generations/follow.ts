import { isWanImageError, type GenerationRecord, type ImageRecord } from '@wan-image/core';
import { client } from '../api/client.ts';
import { reader } from '../api/reader.ts';
import { isChanging } from './state.ts';

/** Where events cannot be read, for example behind a proxy that holds them back, a long poll asks. */
const POLL_SECONDS = 20;
const PAUSE_MS = 3000;

export interface Changes {
  /** An image as it is now. */
  readonly onImage: (image: ImageRecord) => void;
  /** The record as it is now. */
  readonly onRecord: (record: GenerationRecord) => void;
}

/**
 * Tells each change of a generation as it happens, until nothing changes it any more. A tab that nobody sees holds no connection: browsers
 * open six to a host, for all tabs together.
 */
export async function followGeneration(id: string, changes: Changes, signal: AbortSignal): Promise<void> {
  let mayUseEvents = true;
  while (!signal.aborted) {
    await visible(signal);
    const visit = untilHidden(signal);
    try {
      if (mayUseEvents) await readEvents(id, changes, visit.signal);
      const wait = mayUseEvents ? {} : { wait: POLL_SECONDS };
      const record = await reader.get(id, { ...wait, signal: visit.signal });
      changes.onRecord(record);
      if (!isChanging(record)) return;
    } catch (error) {
      if (isGone(error)) return;
      mayUseEvents &&= visit.signal.aborted;
    } finally {
      visit.end();
    }
    await pause(signal);
  }
}

async function readEvents(id: string, { onImage, onRecord }: Changes, signal: AbortSignal): Promise<void> {
  for await (const event of client.events(id, { signal })) {
    if (event.type === 'image') onImage(event.data);
    // The record has what else the state brings: when it was sent, how it ended, and the images that are still to be stored.
    else onRecord(await reader.get(id, { signal }));
  }
}

/** Deleted elsewhere, or no longer permitted: the list finds out. */
function isGone(error: unknown): boolean {
  return isWanImageError(error) && [401, 403, 404, 410].includes(error.status ?? 0);
}

/** Resolves once the tab is seen. */
function visible(signal: AbortSignal): Promise<void> {
  return until(signal, (resolve, options) => {
    if (!document.hidden) resolve();
    document.addEventListener('visibilitychange', () => document.hidden || resolve(), options);
  });
}

/** A signal that aborts when the tab is hidden, or with another one. */
function untilHidden(signal: AbortSignal): { readonly signal: AbortSignal; readonly end: () => void } {
  const hidden = new AbortController();
  const listener = (): void => {
    if (document.hidden) hidden.abort();
  };
  document.addEventListener('visibilitychange', listener);
  const end = (): void => document.removeEventListener('visibilitychange', listener);
  return { signal: AbortSignal.any([signal, hidden.signal]), end };
}

function pause(signal: AbortSignal): Promise<void> {
  return until(signal, (resolve, options) => {
    const timer = setTimeout(resolve, PAUSE_MS);
    options.signal.addEventListener('abort', () => clearTimeout(timer));
  });
}

/** Waits for something, or for the signal. What was set up for it ends with it. */
async function until(
  signal: AbortSignal,
  start: (resolve: () => void, options: { readonly signal: AbortSignal }) => void,
): Promise<void> {
  const done = new AbortController();
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { signal: done.signal });
    if (signal.aborted) resolve();
    else start(resolve, { signal: done.signal });
  });
  done.abort();
}
