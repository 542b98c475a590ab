import { isWanImageError, WanImageError, type GenerationRecord, type SubmitOptions } from '@wan-image/core/portable';
import type { Connection } from '../host/connect.ts';
import { n8nClock } from '../host/n8n-clock.ts';

/** A proxy often closes a connection that is idle for 60 s. */
const LONGEST_POLL_S = 45;

/** Of a poll in addition to the time that it waits, and of a cancellation. */
const QUICK_MS = 20_000;

/** How long a request that is in flight when the execution is stopped may take to tell the id of its generation, which is then canceled. */
const GRACE_MS = 5_000;

const PAUSES_MS = [500, 1_000, 2_000, 5_000, 10_000];

export interface Waiting {
  readonly timeoutMs: number;
  /** Of the execution. */
  readonly signal: AbortSignal | undefined;
  /** Whether a generation ends with the execution that waits for it. */
  readonly cancels: boolean;
}

/**
 * Waits for a generation of a history service by long polls, and returns its record when it has ended. `start` gets the record at once: it
 * enqueues the generation, or reads one that exists. A connection that breaks, or a service that restarts, only ends a poll.
 */
export async function awaitGeneration(
  { library }: Pick<Connection, 'library'>,
  start: (options: Pick<SubmitOptions, 'signal' | 'timeoutMs'>) => Promise<GenerationRecord>,
  { timeoutMs, signal, cancels }: Waiting,
): Promise<GenerationRecord> {
  const deadline = Date.now() + timeoutMs;
  const isStopped = (): boolean => signal?.aborted === true;
  const grace = graceAfter(signal);
  let record = await start({ timeoutMs, signal: grace.signal }).finally(grace.end);
  let failures = 0;
  while (record.finished_at === null) {
    if (isStopped()) throw await stopped(library, record, cancels);
    const remaining = deadline - Date.now();
    if (remaining <= 0) throw timedOut(record, timeoutMs);
    const wait = Math.min(LONGEST_POLL_S, Math.ceil(remaining / 1000));
    try {
      const once = { wait, timeoutMs: QUICK_MS, retry: { maxRetries: 0 }, ...(signal && { signal }) };
      record = await library.get(record.id, once);
      failures = 0;
    } catch (error) {
      // The loop says what became of it.
      if (isStopped()) continue;
      if (!isWanImageError(error) || !error.retryable) throw unreadable(error, record);
      const pause = error.retryAfterMs ?? PAUSES_MS[Math.min(failures++, PAUSES_MS.length - 1)] ?? 0;
      const stop = signal ?? new AbortController().signal;
      await n8nClock.sleep(Math.min(pause, Math.max(0, deadline - Date.now())), stop).catch(() => undefined);
    }
  }
  return record;
}

/** A signal that is aborted some seconds after another. */
function graceAfter(signal: AbortSignal | undefined): { readonly signal: AbortSignal; readonly end: () => void } {
  const later = new AbortController();
  const ended = new AbortController();
  const abort = (): void => {
    void n8nClock.sleep(GRACE_MS, ended.signal).then(
      () => later.abort(),
      () => undefined,
    );
  };
  if (signal?.aborted === true) later.abort();
  else signal?.addEventListener('abort', abort, { once: true });
  const end = (): void => {
    signal?.removeEventListener('abort', abort);
    ended.abort();
  };
  return { signal: later.signal, end };
}

/** Cancels without the signal of the execution, with which n8n would not send the request. */
async function stopped(
  library: Connection['library'],
  { id }: GenerationRecord,
  cancels: boolean,
): Promise<WanImageError> {
  if (!cancels) return endedEarly('canceled', id, `The execution was stopped. Generation ${id} goes on.`, 'unknown');
  try {
    const { outcome } = await library.cancel(id, { timeoutMs: QUICK_MS, retry: { maxRetries: 2 } });
    return endedEarly(
      'canceled',
      id,
      `The execution was stopped, and generation ${id} canceled.`,
      outcome ?? 'unknown',
    );
  } catch {
    // It has ended, or the service does not respond. Nobody continues a stopped execution.
    return endedEarly('canceled', id, `The execution was stopped. Generation ${id} could not be canceled.`, 'unknown');
  }
}

function timedOut({ id, state }: GenerationRecord, timeoutMs: number): WanImageError {
  const summary = `Generation ${id} is still ${state} after ${timeoutMs / 1000} s. It goes on, and is billed when it succeeds.`;
  return endedEarly('timed_out', id, summary, 'unknown');
}

function unreadable(error: unknown, { id }: GenerationRecord): unknown {
  if (!isWanImageError(error)) return error;
  const summary = `Generation ${id} was enqueued, but its record could not be read: ${error.summary}`;
  return error.with({ summary, outcome: 'unknown', headers: { 'x-generation-id': id } });
}

function endedEarly(
  kind: 'canceled' | 'timed_out',
  id: string,
  summary: string,
  outcome: WanImageError['outcome'],
): WanImageError {
  const fault = kind === 'canceled' ? 'caller' : 'network';
  const remedy = kind === 'timed_out' ? ({ remedy: 'raise_timeout' } as const) : {};
  return new WanImageError(summary, { kind, fault, outcome, headers: { 'x-generation-id': id }, ...remedy });
}
