import type { GenerationSummary, WanImageError } from '@wan-image/core';
import type { Outcome } from '../../ledger/outcome-recorder.service.ts';
import type { ApiError } from '../../domain/api-error.ts';
import { keptFields } from '../../domain/kept-fields.ts';

/** Of the upstream's own text, in characters. */
const MAX_MESSAGE_LENGTH = 2000;

/** In characters: the upstream may send any text as the id of its request. */
const MAX_ID_LENGTH = 200;

/** A response with any number of images. `state` (what happened) and `outcome` (what was billed) are separate facts. */
export function succeeded({ requestId, status, attempts, extra }: GenerationSummary, created: number): Outcome {
  const { kept, cut } = keptFields(extra);
  return {
    state: 'succeeded',
    outcome: 'billed',
    error: null,
    upstreamRequestId: requestId?.slice(0, MAX_ID_LENGTH) ?? null,
    upstreamStatus: status,
    attempts,
    upstreamMessage: null,
    upstreamExtra: Object.keys(extra).length > 0 ? { ...kept } : null,
    upstreamExtraCut: cut,
    responseStatus: 200,
    responseCreated: created,
  };
}

/** A failure that core's client has classified. The record stores the error that the HTTP client gets. */
export function failed(
  { kind, outcome, requestId, status, attempts, serverMessage }: WanImageError,
  response: ApiError,
): Outcome {
  return {
    // Only this service's own signal cancels a call.
    state: kind === 'canceled' ? 'canceled' : 'failed',
    outcome,
    error: errorOf(response),
    upstreamRequestId: requestId?.slice(0, MAX_ID_LENGTH) ?? null,
    upstreamStatus: status,
    attempts,
    upstreamMessage: serverMessage?.slice(0, MAX_MESSAGE_LENGTH) ?? null,
    upstreamExtra: null,
    responseStatus: response.status,
    responseCreated: null,
  };
}

/** The service itself failed, so it is unknown how far the call got. */
export function broken(response: ApiError): Outcome {
  return {
    state: 'failed',
    outcome: 'unknown',
    error: errorOf(response),
    upstreamRequestId: null,
    upstreamStatus: null,
    attempts: null,
    upstreamMessage: null,
    upstreamExtra: null,
    responseStatus: response.status,
    responseCreated: null,
  };
}

/** Null for a value that the row cannot hold: an odd `created` from the upstream must not lose billed images. */
export function wholeSeconds(created: number | null): number | null {
  const seconds = Math.floor(created ?? Number.NaN);
  return Number.isSafeInteger(seconds) ? seconds : null;
}

function errorOf({ type, code, message, param }: ApiError): Outcome['error'] {
  return { type, code, message, param };
}
