import type { Clock } from './clock.ts';

/** A longer timer would go off at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** Time as the host has it. The one place that sets a timer. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer);
        reject(signal.reason as Error);
      };
      const wake = (): void => {
        signal.removeEventListener('abort', stop);
        resolve();
      };
      const timer = setTimeout(wake, Math.min(ms, LONGEST_MS));
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
    }),
};
