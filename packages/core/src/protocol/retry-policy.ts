import type { WanImageError } from '../errors/wan-image-error.ts';

export interface RetryPolicy {
  /** How often at most a request is sent again. */
  readonly maxRetries: number;
  /** First pause in milliseconds; it doubles each time up to `maxDelayMs`. */
  readonly baseDelayMs: number;
  /** Longest pause. A server that asks for a longer one is not asked again. */
  readonly maxDelayMs: number;
  /** Longest sum of all pauses of a call. */
  readonly maxTotalDelayMs: number;
  /**
   * Also sends again what may have been billed: after a lost connection, a silence, a 408, 409 or 5xx.
   * Only for a server that honours the idempotency key, or for someone who would rather pay twice than have nothing.
   */
  readonly unknownOutcomes: boolean;
}

export const DEFAULT_RETRY_POLICY: RetryPolicy = {
  maxRetries: 3,
  baseDelayMs: 500,
  maxDelayMs: 30_000,
  maxTotalDelayMs: 120_000,
  unknownOutcomes: false,
};

/** What has been tried so far. */
export interface RetryState {
  readonly retries: number;
  /** Sum of the pauses, in milliseconds. */
  readonly delayMs: number;
}

/**
 * How long to wait before the next try, in milliseconds, or null to stop.
 * Only what certainly did no work is tried again (ruling 17), unless the caller opted in to more.
 * `random` is from 0 to 1: half of each pause is jitter, so that many clients do not come back together.
 */
export function nextDelay(error: WanImageError, tried: RetryState, policy: RetryPolicy, random: number): number | null {
  // A reply that was read and not understood would be read the same way again.
  const inDoubt = error.outcome === 'unknown' && error.kind !== 'unreadable_response';
  const mayRetry = error.retryable || (policy.unknownOutcomes && inDoubt);
  if (!mayRetry || tried.retries >= policy.maxRetries) return null;
  const backoff = Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** tried.retries);
  const delay = error.retryAfterMs ?? backoff * (0.5 + random / 2);
  // A server that asks for longer than we wait at all would only be asked too early.
  return delay > policy.maxDelayMs || tried.delayMs + delay > policy.maxTotalDelayMs ? null : delay;
}
