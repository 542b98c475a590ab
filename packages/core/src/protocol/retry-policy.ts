import type { WanImageError } from '../errors/wan-image-error.ts';

export interface RetryPolicy {
  /** How often at most a request is sent again. */
  readonly maxRetries: number;
  /** First pause in milliseconds; it doubles each time up to `maxDelayMs`. */
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
}

export const DEFAULT_RETRY_POLICY: RetryPolicy = { maxRetries: 3, baseDelayMs: 500, maxDelayMs: 30_000 };

/**
 * How long to wait before the next try, in milliseconds, or null to stop.
 * Only what certainly did no work is tried again (ruling 17): `retryable` was decided when the error was made.
 * `random` is from 0 to 1: half of each pause is jitter, so that many clients do not come back together.
 */
export function nextDelay(
  error: WanImageError,
  retriesDone: number,
  policy: RetryPolicy,
  random: number,
): number | null {
  if (!error.retryable || retriesDone >= policy.maxRetries) return null;
  const backoff = Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** retriesDone);
  const delay = error.retryAfterMs ?? backoff * (0.5 + random / 2);
  // A server that asks for longer than we wait at all would only be asked too early.
  return delay > policy.maxDelayMs ? null : delay;
}
