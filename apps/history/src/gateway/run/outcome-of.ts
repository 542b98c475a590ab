import type { GenerationSummary, WanImageError } from '@wan-image/core';
import type { Ending } from '../../ledger/outcome-recorder.service.ts';
import type { ApiError } from '../../domain/api-error.ts';

/** How a call upstream ended, as its row learns it: what happened, and what it cost, are two facts. */

/** A reply with images, however many. */
export function succeeded({ requestId, status, attempts, extra }: GenerationSummary, created: number): Ending {
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

/** A failure that the client understands; the record tells what the caller was told. */
export function failed({ kind, outcome, requestId, status, attempts }: WanImageError, response: ApiError): Ending {
  return {
    // Only our own signal cancels a call.
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

/** A fault of ours: nobody knows how far the call came. */
export function broken(response: ApiError): Ending {
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

/** Nothing that an upstream says may be what a record cannot hold: it would lose what was paid for. */
export function wholeSeconds(created: number | null): number | null {
  const seconds = Math.floor(created ?? Number.NaN);
  return Number.isSafeInteger(seconds) ? seconds : null;
}

function errorOf({ type, code, message, param }: ApiError): Ending['error'] {
  return { type, code, message, param };
}
