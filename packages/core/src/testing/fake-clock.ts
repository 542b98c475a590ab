import type { Clock } from '../client/clock.ts';

/** A clock that goes only when it is told to. */
export interface FakeClock extends Clock {
  /** Lets time pass: wakes in order whoever's time has come, and gives each the chance to go on before the next. */
  advance(ms: number): Promise<void>;
  /** How many are asleep. */
  readonly sleepers: number;
}

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** `start` is in milliseconds since 1970. */
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

/** A turn of the event loop, in which all that waits only for promises goes on. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
