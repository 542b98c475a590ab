import { invalid, type Parsed } from './parsed.ts';

const MAX_KEY_LENGTH = 255;

/** Visible ASCII characters, as in any header. */
const KEY = /^[\x21-\x7e]+$/;

/** What the headers of a request say about sending it more than once. */
export interface RetryHints {
  /** The `Idempotency-Key` of the client; null without one. */
  readonly idempotencyKey: string | null;
  /**
   * Which retry of its own an SDK says this is (`x-stainless-retry-count`); 0 for a first request, and for clients that do not say.
   * At most {@link MAX_RETRY_COUNT}. OpenAI's SDKs retry without a key.
   */
  readonly retryCount: number;
  /** Whether the client may be sending a request again by itself, without a key: a retry, or any request of the AI SDK, which does not say. */
  readonly mayBeResend: boolean;
}

/** A higher count is read as this one. */
const MAX_RETRY_COUNT = 1000;

/** The AI SDK retries after a 5xx and a cut connection, and ignores `x-should-retry`. */
const RESENDING_CLIENT = /(?:^|\s)ai-sdk\//;

/** Parses `idempotency-key`, `x-stainless-retry-count` and `user-agent`; header names are in lower case. */
export function parseRetryHeaders(headers: Readonly<Record<string, unknown>>): Parsed<RetryHints> {
  const key = headers['idempotency-key'];
  const retryCount = countOf(headers['x-stainless-retry-count']);
  if (typeof key !== 'string') {
    const mayBeResend = retryCount > 0 || RESENDING_CLIENT.test(textOf(headers['user-agent']));
    return { ok: true, value: { idempotencyKey: null, retryCount, mayBeResend } };
  }
  if (key.length <= MAX_KEY_LENGTH && KEY.test(key))
    return { ok: true, value: { idempotencyKey: key, retryCount, mayBeResend: false } };
  return invalid(
    'Idempotency-Key',
    `Idempotency-Key must be 1 to ${MAX_KEY_LENGTH} visible ASCII characters without spaces, such as a UUID.`,
  );
}

function countOf(header: unknown): number {
  const text = textOf(header);
  return /^\d+$/.test(text) ? Math.min(Number(text), MAX_RETRY_COUNT) : 0;
}

function textOf(header: unknown): string {
  return typeof header === 'string' ? header : '';
}
