import type { Clock } from './clock.ts';

export interface TimeLimit {
  readonly signal: AbortSignal;
  /** Why the signal aborted, if it did. */
  readonly reason: () => 'timed_out' | 'canceled' | null;
  /** Lets the timer go, and whatever is still open. */
  readonly end: () => void;
}

/** One signal for two ends of a call: the time is over, or the caller has no more use for it. */
export function startTimeLimit(clock: Clock, timeoutMs: number, caller: AbortSignal | undefined): TimeLimit {
  const controller = new AbortController();
  const timer = new AbortController();
  let reason: 'timed_out' | 'canceled' | null = null;
  const abort = (why: 'timed_out' | 'canceled'): void => {
    reason ??= why;
    timer.abort();
    controller.abort();
  };
  const cancel = (): void => abort('canceled');
  if (caller?.aborted) cancel();
  else caller?.addEventListener('abort', cancel, { once: true });
  void clock.sleep(timeoutMs, timer.signal).then(
    () => abort('timed_out'),
    // The timer was let go: the call has ended.
    () => undefined,
  );
  const end = (): void => {
    caller?.removeEventListener('abort', cancel);
    timer.abort();
    // A body that nobody read to its end lets its connection go; one that was read has none any more.
    controller.abort();
  };
  return { signal: controller.signal, reason: () => reason, end };
}
