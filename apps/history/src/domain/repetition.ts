import { ApiError } from './api-error.ts';

/** The response header of a replay. */
export const REPLAYED = 'idempotent-replayed';

/**
 * When an idempotency key was first used that is still valid, as SQL: a day ago by the database's clock, which all replicas share. One whose
 * own clock is ahead would take the key of another, and bill its request again.
 */
export const KEY_VALID_FROM_SQL = `now() - interval '24 hours'`;

/** An idempotency key identifies exactly one request. */
export function keyOfAnotherRequest(): ApiError {
  const message =
    'This Idempotency-Key was used for another request within the last 24 hours. Give each new request a new key.';
  return new ApiError(message, {
    status: 422,
    type: 'invalid_request_error',
    code: 'idempotency_key_reuse',
    param: 'Idempotency-Key',
  });
}
