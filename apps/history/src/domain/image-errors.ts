import { ApiError } from './api-error.ts';

/** For an image that exists, but whose bytes are not in the store. */
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
    : new ApiError('This image was billed but could not be downloaded into the store yet. Try again in a minute.', {
        status: 503,
        type: 'server_error',
        code: 'image_pending',
        headers: { 'retry-after': '60' },
      });
}

export function outside(bytes: number): ApiError {
  return new ApiError(`The requested range is outside the image, which has ${bytes} bytes.`, {
    status: 416,
    type: 'invalid_request_error',
    code: 'range_not_satisfiable',
    headers: { 'content-range': `bytes */${bytes}` },
  });
}

/** For a store that is unavailable: the image may be in it. */
export function unreadable(cause: unknown): ApiError {
  return new ApiError(
    'The image store is unavailable, so the image cannot be read. Try again in a minute; /readyz shows the state of the store.',
    { status: 503, type: 'server_error', code: 'storage_unavailable', headers: { 'retry-after': '60' } },
    { cause },
  );
}
