import type { Readable } from 'node:stream';
import { ApiError, invalidRequest } from '../domain/api-error.ts';

/** How many bytes a body has to bring for each second that the service waits for it. */
const MIN_BYTES_PER_SECOND = 1024;

const CHANGES = ['readable', 'end', 'error', 'close'] as const;

/**
 * The bytes of a request body as they arrive. Rejects with 408 once the client has fallen `stallMs` behind {@link MIN_BYTES_PER_SECOND};
 * time in which the reader itself is busy does not count. If the reader stops early, the connection stays open for the response.
 *
 * Not the iterator of the stream: a `next` that waits for the client could not be ended without closing the connection.
 */
export async function* arrivingChunks(body: Readable, stallMs: number): AsyncGenerator<Uint8Array, void, void> {
  const pace = new Pace(stallMs);
  let changed = Promise.withResolvers<void>();
  const onChange = (): void => changed.resolve();
  for (const change of CHANGES) body.on(change, onChange);
  try {
    for (;;) {
      const chunk = body.read() as Uint8Array | null;
      if (chunk !== null) {
        pace.received(chunk.length);
        yield chunk;
        continue;
      }
      if (body.readableEnded) return;
      if (body.errored !== null || body.destroyed) throw cutOff();
      await pace.until(changed.promise);
      changed = Promise.withResolvers<void>();
    }
  } finally {
    for (const change of CHANGES) body.off(change, onChange);
  }
}

/** Each byte earns waiting time, of which at most `stallMs` can be saved. */
class Pace {
  readonly #most: number;
  #credit: number;

  constructor(stallMs: number) {
    this.#most = stallMs;
    this.#credit = stallMs;
  }

  received(bytes: number): void {
    this.#credit = Math.min(this.#most, this.#credit + (bytes / MIN_BYTES_PER_SECOND) * 1000);
  }

  async until(change: Promise<void>): Promise<void> {
    const startedAt = performance.now();
    const tooSlow = Promise.withResolvers<never>();
    const timer = setTimeout(() => tooSlow.reject(bodyTooSlow(this.#most)), this.#credit);
    try {
      await Promise.race([change, tooSlow.promise]);
    } finally {
      clearTimeout(timer);
      this.#credit -= performance.now() - startedAt;
    }
  }
}

function cutOff(): ApiError {
  return invalidRequest(
    'The connection was closed before the complete body arrived. Nothing was sent. Try again.',
    null,
  );
}

function bodyTooSlow(stallMs: number): ApiError {
  const message = `The body arrived too slowly: it was ${stallMs / 1000} s behind ${MIN_BYTES_PER_SECOND} bytes a second. Nothing was sent. Send it again without pauses.`;
  return new ApiError(message, { status: 408, type: 'invalid_request_error', code: 'upload_too_slow' });
}
