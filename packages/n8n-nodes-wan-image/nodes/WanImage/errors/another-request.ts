import type { WanImageError } from '@wan-image/core/portable';

/** What a history service says of a key that was used for another request. */
const CODE = 'idempotency_key_reuse';

/** How to send the request all the same. */
export const AFTER_ANOTHER_REQUEST =
  'Look for it in your history. To send this one, start a new execution instead of Retry.';

export function isAfterAnotherRequest({ code }: Pick<WanImageError, 'code'>): boolean {
  return code === CODE;
}

/**
 * The refusal of a request whose key an earlier try of the execution has used for another request, because the expressions of the node have
 * other values now. The service advises to use another key, which nobody can give the node. It refused this request alone: the other
 * one may have been billed, so the outcome of the item is not known.
 */
export function afterAnotherRequest(error: WanImageError): WanImageError {
  if (!isAfterAnotherRequest(error)) return error;
  const summary = 'An earlier try of this execution sent another request, which may have been billed.';
  return error.with({ summary, outcome: 'unknown', param: null });
}
