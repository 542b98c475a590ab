import type { WanImageError } from '../errors/wan-image-error.ts';

/** Which failed attempts of a call are retried, and when. */
export interface RetryPolicy {
  /** Maximum number of retries. Default 3. */
  readonly maxRetries: number;
  /** First delay in milliseconds. It doubles with each retry up to `maxDelayMs`. Default 500. */
  readonly baseDelayMs: number;
  /** Maximum delay in milliseconds. A request is not retried if the server asks for a longer one. Default 30,000. */
  readonly maxDelayMs: number;
  /** Maximum sum of all delays of a call, in milliseconds. Default 120,000. */
  readonly maxTotalDelayMs: number;
  /**
   * Also retries requests that may have been billed: after a lost connection, an idle timeout, a 408, 409 or 5xx. Default false.
   * Use it only with a server that honours the idempotency key, or if you would rather pay twice than get no image.
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

/** The retries of a call so far. */
export interface RetryState {
  readonly retries: number;
  /** Sum of their delays, in milliseconds. */
  readonly delayMs: number;
}

/**
 * The delay before the next attempt in milliseconds, or null to give up.
 * Only requests that certainly did no work are retried (ruling 17), unless `unknownOutcomes` is set.
 * `random` is from 0 to 1: half of each delay is jitter, so that clients do not retry at the same moment.
 */
export function nextDelay(
  error: WanImageError,
  { retries, delayMs }: RetryState,
  policy: RetryPolicy,
  random: number,
): number | null {
  // A complete response that does not match the contract would not match it after a retry either.
  const isUnknown = error.outcome === 'unknown' && error.kind !== 'unreadable_response';
  const mayRetry = error.retryable || (policy.unknownOutcomes && isUnknown);
  if (!mayRetry || retries >= policy.maxRetries) return null;
  const backoff = Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** retries);
  const delay = error.retryAfterMs ?? backoff * (0.5 + random / 2);
  // If the server asks for more than the maximum, any retry within it would be too early.
  return delay > policy.maxDelayMs || delayMs + delay > policy.maxTotalDelayMs ? null : delay;
}
