import type { Clock } from '@wan-image/core/portable';
import { sleep } from 'n8n-workflow';

/** A timer that is asked for longer does not wait at all. */
const LONGEST_SLEEP_MS = 2 ** 31 - 1;

/** n8n's timer. Before 2.34 it knows no signal: then it runs on by itself, and nobody waits for it any more. */
export const n8nClock: Clock = {
  now: Date.now,
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      const stop = (): void => reject(new Error('The sleep was ended'));
      if (signal.aborted) return stop();
      signal.addEventListener('abort', stop, { once: true });
      return void sleep(Math.min(ms, LONGEST_SLEEP_MS), signal)
        .then(resolve, reject)
        .finally(() => signal.removeEventListener('abort', stop));
    }),
};
