import { ApiError } from '../domain/api-error.ts';

/** Why there are no bytes of an image that exists. */
export function notStored(state: string | null): ApiError {
  return state === 'lost'
    ? new ApiError(
        'The bytes of this image are lost: they could not be fetched before the vendor deleted them, or their file is gone from the store.',
        {
          status: 410,
          type: 'not_found_error',
          code: 'image_lost',
        },
      )
    : new ApiError('This image is paid for but could not be brought into the store yet. Try again in a minute.', {
        status: 503,
        type: 'server_error',
        code: 'image_pending',
        headers: { 'retry-after': '60' },
      });
}

export function outside(bytes: number): ApiError {
  return new ApiError(`The image has ${bytes} bytes; the range asked for lies outside.`, {
    status: 416,
    type: 'invalid_request_error',
    code: 'range_not_satisfiable',
    headers: { 'content-range': `bytes */${bytes}` },
  });
}

/** Of a store that does not work: the image may be there. */
export function unreadable(cause: unknown): ApiError {
  return new ApiError(
    'The image store does not work at the moment, so the image cannot be read. /readyz tells when it does; try again in a minute.',
    { status: 503, type: 'server_error', code: 'storage_unavailable', headers: { 'retry-after': '60' } },
    { cause },
  );
}
