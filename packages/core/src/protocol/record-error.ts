import type { GenerationRecord } from '../contract/generation-types.ts';
import { UNKNOWN_OUTCOME_ADVICE, type ErrorKind, type WanImageError } from '../errors/wan-image-error.ts';
import { errorFromResponse } from './read-error.ts';

/** The kinds that a service records as a code, where the upstream sent none. They decide more exactly than a status. */
const RECORDED_KINDS: readonly string[] = [
  'connection_failed',
  'connection_lost',
  'timed_out',
  'server_failed',
  'unreadable_response',
  'canceled',
] satisfies ErrorKind[];

const NO_ERROR = { message: 'The generation ended without an image', code: null };

/**
 * Why a generation has no images, as the error that its request would have got: for a client that waits for the record. Its `outcome` is that
 * of the record, and its headers have the `x-generation-id`.
 */
export function errorOfGeneration({ id, state, outcome, error, upstream }: GenerationRecord): WanImageError {
  const recorded = error ?? NO_ERROR;
  // The API key of the service was refused, and not that of its client.
  const { status } = upstream;
  const isOfService = status === null || status < 400 || recorded.code === 'authentication';
  const head = { status: isOfService ? 502 : status, headers: { 'x-generation-id': id } };
  const found = errorFromResponse(head, JSON.stringify({ error: recorded }), 0);
  const kind = state === 'canceled' ? 'canceled' : RECORDED_KINDS.find((known) => known === recorded.code);
  const isUnknown = outcome === 'unknown' || outcome === null;
  return found.with({
    ...(kind === undefined ? {} : { kind: kind as ErrorKind }),
    summary: isUnknown ? found.summary : found.summary.replace(` ${UNKNOWN_OUTCOME_ADVICE}`, ''),
    outcome: outcome ?? 'unknown',
    // The record does not change any more.
    retryable: false,
    requestId: upstream.request_id,
    status,
  });
}
