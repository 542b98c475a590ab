import { ApiError } from '../../domain/api-error.ts';

const COME_BACK_SECONDS = 5;

/** Limits the total bytes of request bodies that are received at the same time. */
export class UploadBudget {
  readonly #most: number;
  #reserved = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Reserves space for a body until the reservation is disposed. Throws 503 if there is not enough. */
  hold(bytes: number): Disposable {
    if (this.#reserved + bytes > this.#most) throw tooManyUploads();
    this.#reserved += bytes;
    let held = bytes;
    return {
      [Symbol.dispose]: () => {
        this.#reserved -= held;
        held = 0;
      },
    };
  }
}

function tooManyUploads(): ApiError {
  const message =
    'Too many uploads are in progress, so this one was not read and nothing was sent. Try again in a few seconds.';
  return new ApiError(message, {
    status: 503,
    type: 'server_error',
    code: 'too_many_uploads',
    headers: { 'retry-after': String(COME_BACK_SECONDS) },
  });
}
