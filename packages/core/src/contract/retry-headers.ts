import { invalid, type Parsed } from './parsed.ts';

const MAX_KEY_LENGTH = 255;

/** Visible ASCII characters, as in any header. */
const KEY = /^[\x21-\x7e]+$/;

/** What the headers of a request say about sending it more than once. */
export interface RetryHints {
  /** The `Idempotency-Key` of the client; null without one. */
  readonly idempotencyKey: string | null;
  /** Whether an SDK says that this is a retry of its own (`x-stainless-retry-count` of 1 or more). OpenAI's SDKs retry without a key. */
  readonly isRetry: boolean;
}

/** Parses `idempotency-key` and `x-stainless-retry-count`; header names are in lower case. */
export function parseRetryHeaders(headers: Readonly<Record<string, unknown>>): Parsed<RetryHints> {
  const key = headers['idempotency-key'];
  const retryCount = headers['x-stainless-retry-count'];
  const isRetry = typeof retryCount === 'string' && /^[1-9]\d*$/.test(retryCount);
  if (typeof key !== 'string') return { ok: true, value: { idempotencyKey: null, isRetry } };
  if (key.length <= MAX_KEY_LENGTH && KEY.test(key)) return { ok: true, value: { idempotencyKey: key, isRetry } };
  return invalid(
    'Idempotency-Key',
    `Idempotency-Key must be 1 to ${MAX_KEY_LENGTH} visible ASCII characters without spaces, such as a UUID.`,
  );
}
