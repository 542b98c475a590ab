import type { Clock } from '../client/clock.ts';

/** A clock that only advances when it is told to. */
export interface FakeClock extends Clock {
  /** Advances the time: wakes the sleepers that are due, in order, and lets each continue before the next. */
  advance(ms: number): Promise<void>;
  /** Number of pending sleeps. */
  readonly sleepers: number;
}

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** Creates a fake clock. `start` is in milliseconds since 1970. */
export function createFakeClock(start = 0): FakeClock {
  let now = start;
  const sleepers = new Set<Sleeper>();
  return {
    now: () => now,
    sleep(ms, signal) {
      return new Promise((resolve, reject) => {
        const stop = (): void => {
          sleepers.delete(sleeper);
          reject(signal.reason as Error);
        };
        const sleeper = {
          at: now + ms,
          wake() {
            signal.removeEventListener('abort', stop);
            resolve();
          },
        };
        if (signal.aborted) return stop();
        signal.addEventListener('abort', stop, { once: true });
        sleepers.add(sleeper);
      });
    },
    async advance(ms) {
      const end = now + ms;
      for (;;) {
        await settled();
        const next = [...sleepers].reduce<Sleeper | null>(
          (first, one) => (first && first.at <= one.at ? first : one),
          null,
        );
        if (next === null || next.at > end) break;
        sleepers.delete(next);
        now = Math.max(now, next.at);
        next.wake();
      }
      now = end;
      await settled();
    },
    get sleepers() {
      return sleepers.size;
    },
  };
}

/** Waits for one turn of the event loop, in which all pending promise callbacks run. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
