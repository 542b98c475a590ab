import { Inject, Injectable } from '@nestjs/common';
import { GENERATIONS_CONFIG, type GenerationsConfig } from '../config/slices.ts';
import { ApiError } from '../domain/api-error.ts';

const COME_BACK_SECONDS = 10;

/** Limits how many clients watch generations in this process: each holds a connection, and has its record written again and again. */
@Injectable()
export class WatcherSlots {
  readonly #most: number;
  #watchers = 0;

  constructor(@Inject(GENERATIONS_CONFIG) { maxWatchers }: GenerationsConfig) {
    this.#most = maxWatchers;
  }

  /** Takes a slot until it is disposed. Throws 503 if there is none. */
  take(): Disposable {
    if (this.#watchers >= this.#most) throw tooManyWatchers();
    this.#watchers++;
    let held = 1;
    return {
      [Symbol.dispose]: () => {
        this.#watchers -= held;
        held = 0;
      },
    };
  }
}

function tooManyWatchers(): ApiError {
  const message =
    'Too many clients are watching generations. Try again in a few seconds, or read the record without wait.';
  return new ApiError(message, {
    status: 503,
    type: 'server_error',
    code: 'too_many_watchers',
    headers: { 'retry-after': String(COME_BACK_SECONDS) },
  });
}
