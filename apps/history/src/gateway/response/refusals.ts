import { ApiError } from '../../domain/api-error.ts';

/** The database did not respond, so nothing was sent to the upstream. */
export function notRecorded(cause: unknown): ApiError {
  const message =
    'The request could not be recorded, so it was not sent and nothing was billed. /readyz tells what is wrong.';
  return new ApiError(message, { status: 503, type: 'server_error', code: 'not_recorded' }, { cause });
}

/** No disk can be written to, so nothing was sent to the upstream. */
export function storageUnavailable(): ApiError {
  const message =
    'Neither the image store nor DATA_DIR can be written (full or unavailable), so the request was not sent and nothing was billed. /readyz shows which.';
  const headers = { 'retry-after': '30' };
  return new ApiError(message, { status: 503, type: 'server_error', code: 'storage_unavailable', headers });
}

/** Nobody reads it: the connection has ended, with a refusal that tells the client to send the request again. */
export function refusedBefore(): ApiError {
  const message = 'The request was refused before the rest of it arrived, so it is not run.';
  return new ApiError(message, { status: 408, type: 'invalid_request_error', code: 'refused_before' });
}

/** Nobody reads it: the client has disconnected before its generation was recorded, so nothing is run that nobody waits for. */
export function disconnectedBefore(): ApiError {
  const message = 'The client disconnected before the request was recorded, so it is not run and nothing was billed.';
  return new ApiError(message, { status: 408, type: 'invalid_request_error', code: 'disconnected_before' });
}

/** Whether an error is the recorded result of a generation, which does not change if the request is sent again. */
export function isResult(error: unknown): boolean {
  return error instanceof ApiError && 'x-generation-id' in error.headers && error.code !== STILL_RUNNING;
}

/** The code of a request that waited for a generation in vain. */
export const STILL_RUNNING = 'still_running';

/** An error that SDKs must not retry automatically: the request may have been billed. */
export function paidFor(id: string, message: string, cause: unknown): ApiError {
  const headers = { 'x-should-retry': 'false', 'x-generation-id': id };
  return new ApiError(message, { status: 500, type: 'server_error', code: 'internal_error', headers }, { cause });
}

/** The generation of an earlier request is in the bin, or was deleted for good: its result is not repeated, and no new one begins. */
export function generationDeleted(id: string): ApiError {
  const message =
    'The generation of this request, or an image of it, was deleted, so its response cannot be repeated. Send the request with a new Idempotency-Key to generate again.';
  const headers = { 'x-should-retry': 'false', 'x-generation-id': id };
  return new ApiError(message, { status: 410, type: 'invalid_request_error', code: 'generation_deleted', headers });
}
