import { invalidRequest } from '../../domain/api-error.ts';

/** The header of an answer that was given before. */
export const REPLAYED = 'idempotent-replayed';

const LONGEST_KEY = 255;

/** Visible characters, as in any header; a UUID is the usual. */
const KEY = /^[\x21-\x7e]+$/;

/** What a request says about being sent more than once. */
export interface RetryHints {
  /** The caller's own key, if it gave one. */
  readonly key: string | null;
  /** Whether an SDK says that it sends this again, by itself and without a key. */
  readonly isRetry: boolean;
}

export function parseRetryHeaders(key: string | undefined, retryCount: string | undefined): RetryHints {
  const isRetry = /^[1-9]\d*$/.test(retryCount ?? '');
  if (key === undefined) return { key: null, isRetry };
  if (key.length <= LONGEST_KEY && KEY.test(key)) return { key, isRetry };
  throw invalidRequest(
    `Idempotency-Key must be 1 to ${LONGEST_KEY} visible ASCII characters, such as a UUID, without blanks.`,
    'Idempotency-Key',
  );
}
