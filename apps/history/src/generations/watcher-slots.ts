import { Inject, Injectable } from '@nestjs/common';
import { GENERATIONS_CONFIG, type GenerationsConfig } from '../config/slices.ts';
import { ApiError } from '../domain/api-error.ts';

const COME_BACK_SECONDS = 10;

/**
 * Limits how many clients watch generations in this process: each holds a connection, and has its record written again and again. An API
 * key may use half of the slots, so that it cannot keep out all others.
 */
@Injectable()
export class WatcherSlots {
  readonly #most: number;
  readonly #share: number;
  /** By API key, with at least one. */
  readonly #byKey = new Map<string, number>();
  #watchers = 0;

  constructor(@Inject(GENERATIONS_CONFIG) { maxWatchers }: GenerationsConfig) {
    this.#most = maxWatchers;
    this.#share = Math.ceil(maxWatchers / 2);
  }

  /** Takes a slot for an API key until it is disposed; null for a caller that has no share to keep to. Throws 503 if there is none. */
  take(keyId: string | null): Disposable {
    if (this.#watchers >= this.#most) throw tooManyWatchers('Too many clients are watching generations');
    if (keyId !== null && this.#of(keyId) >= this.#share)
      throw tooManyWatchers('The clients of your API key use half of what may watch generations at once');
    this.#change(keyId, 1);
    let held = 1;
    return {
      [Symbol.dispose]: () => {
        this.#change(keyId, -held);
        held = 0;
      },
    };
  }

  #of(keyId: string): number {
    return this.#byKey.get(keyId) ?? 0;
  }

  #change(keyId: string | null, change: number): void {
    this.#watchers += change;
    if (keyId === null) return;
    const watchers = this.#of(keyId) + change;
    if (watchers > 0) this.#byKey.set(keyId, watchers);
    else this.#byKey.delete(keyId);
  }
}

function tooManyWatchers(reason: string): ApiError {
  const message = `${reason}. Try again in a few seconds, or read the record without wait.`;
  return new ApiError(message, {
    status: 503,
    type: 'server_error',
    code: 'too_many_watchers',
    headers: { 'retry-after': String(COME_BACK_SECONDS) },
  });
}
