import type { Clock } from './clock.ts';

/** Why a call or an attempt of it was stopped from this side: its time was over, the server was silent, or nobody has a use for it any more. */
export type StopReason = 'timed_out' | 'silent' | 'canceled';

export interface TimeLimit {
  /** For whoever can stop by itself. */
  readonly signal: AbortSignal;
  readonly reason: () => StopReason | null;
  /** What the caller gave as the reason of its abort. */
  readonly cause: () => unknown;
  /** The work's result, or a rejection as soon as the call is stopped, whatever the work does about it. */
  race<T>(work: Promise<T>): Promise<T>;
  /** Like `race`, and stops where all such waiting together brings nothing for `ms` milliseconds. */
  raceSilence<T>(work: Promise<T>, ms: number): Promise<T>;
  /** Lets the timers go, and whatever is still open. */
  end(): void;
}

/** Nobody sees it. Made once: without a reason given, each abort makes one, with the stack of where it was. */
const OVER = new Error('The call is over');

/** One signal for every end of a call, or of an attempt of one, which has no time of its own but ends with its call. */
export function startTimeLimit(clock: Clock, timeoutMs: number | null, caller: AbortSignal | undefined): TimeLimit {
  const controller = new AbortController();
  const timers = new AbortController();
  let reason: StopReason | null = null;
  let waitingSince: number | null = null;
  let watching = false;
  /** Whoever waits. Not one promise that all race against: it would keep every result of theirs alive to the end of the call. */
  const waiting = new Set<(cause: Error) => void>();

  const stop = (why: StopReason): void => {
    reason ??= why;
    timers.abort();
    controller.abort();
    for (const reject of waiting) reject(stopped());
  };
  const cancel = (): void => stop('canceled');
  const after = (ms: number, then: () => void): void => {
    // Rejected is a timer that was let go.
    void clock.sleep(ms, timers.signal).then(then, () => undefined);
  };
  const watchSilence = (ms: number): void => {
    const left = waitingSince === null ? ms : waitingSince + ms - clock.now();
    if (left <= 0) stop('silent');
    else after(left, () => watchSilence(ms));
  };

  if (caller?.aborted) cancel();
  else caller?.addEventListener('abort', cancel, { once: true });
  if (reason === null && timeoutMs !== null) after(timeoutMs, () => stop('timed_out'));

  const race = <T>(work: Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      if (reason !== null) reject(stopped());
      waiting.add(reject);
      work.then(resolve, reject).finally(() => waiting.delete(reject));
    });
  return {
    signal: controller.signal,
    reason: () => reason,
    cause: () => (reason === 'canceled' ? (caller?.reason as unknown) : undefined),
    race,
    async raceSilence(work, ms) {
      waitingSince = clock.now();
      if (!watching) watchSilence(ms);
      watching = true;
      try {
        return await race(work);
      } finally {
        waitingSince = null;
      }
    },
    end() {
      caller?.removeEventListener('abort', cancel);
      timers.abort(OVER);
      // A body that nobody read to its end lets its connection go; one that was read has none any more.
      controller.abort(OVER);
    },
  };
}

function stopped(): Error {
  return new Error('The call was stopped');
}
