import type { Clock } from '@wan-image/core/portable';
import { sleep } from 'n8n-workflow';

/** A longer timer overflows and fires at once. */
const LONGEST_SLEEP_MS = 2 ** 31 - 1;

/** n8n's timer. Before 2.34 it ignores the signal: the timer then runs on, but nothing waits for it. */
export const n8nClock: Clock = {
  now: Date.now,
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      const abort = (): void => reject(new Error('The sleep was aborted'));
      if (signal.aborted) return abort();
      signal.addEventListener('abort', abort, { once: true });
      return void sleep(Math.min(ms, LONGEST_SLEEP_MS), signal)
        .then(resolve, reject)
        .finally(() => signal.removeEventListener('abort', abort));
    }),
};
