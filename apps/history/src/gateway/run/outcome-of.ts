import type { GenerationSummary, WanImageError } from '@wan-image/core';
import type { Outcome } from '../../ledger/outcome-recorder.service.ts';
import type { ApiError } from '../../domain/api-error.ts';

/** A response with images, however many. What happened and what it cost are two facts. */
export function succeeded({ requestId, status, attempts, extra }: GenerationSummary, created: number): Outcome {
  return {
    state: 'succeeded',
    outcome: 'billed',
    error: null,
    upstreamRequestId: requestId,
    upstreamStatus: status,
    attempts,
    upstreamExtra: Object.keys(extra).length > 0 ? { ...extra } : null,
    responseStatus: 200,
    responseCreated: created,
  };
}

/** A failure that core's client has classified. The record keeps the error that the client of this service gets. */
export function failed({ kind, outcome, requestId, status, attempts }: WanImageError, response: ApiError): Outcome {
  return {
    // Only this service's own signal cancels a call.
    state: kind === 'canceled' ? 'canceled' : 'failed',
    outcome,
    error: errorOf(response),
    upstreamRequestId: requestId,
    upstreamStatus: status,
    attempts,
    upstreamExtra: null,
    responseStatus: response.status,
    responseCreated: null,
  };
}

/** The service itself failed, so it is unknown how far the call came. */
export function broken(response: ApiError): Outcome {
  return {
    state: 'failed',
    outcome: 'unknown',
    error: errorOf(response),
    upstreamRequestId: null,
    upstreamStatus: null,
    attempts: null,
    upstreamExtra: null,
    responseStatus: response.status,
    responseCreated: null,
  };
}

/** A value of the upstream that a record cannot hold must not lose what was paid for. */
export function wholeSeconds(created: number | null): number | null {
  const seconds = Math.floor(created ?? Number.NaN);
  return Number.isSafeInteger(seconds) ? seconds : null;
}

function errorOf({ type, code, message, param }: ApiError): Outcome['error'] {
  return { type, code, message, param };
}
