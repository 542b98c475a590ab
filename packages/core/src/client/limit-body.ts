import type { Progress } from './failure.ts';
import type { TimeLimit } from './time-limit.ts';

/** Ends a body with its attempt or after the idle timeout, and counts its bytes. Not a generator, which would be slower per chunk. */
export function limitBody(
  body: AsyncIterable<Uint8Array>,
  limit: TimeLimit,
  idleTimeoutMs: number,
  progress: Progress,
): AsyncIterable<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]();
  const next = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
    const { done, value } = await limit.raceIdle(chunks.next(), idleTimeoutMs);
    if (done) return { done: true, value: undefined };
    progress.bytes += value.length;
    return { done: false, value };
  };
  const end = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
    // Not awaited: a hanging transport must not block the end of the call.
    void Promise.resolve(chunks.return?.()).catch(() => undefined);
    return { done: true, value: undefined };
  };
  return { [Symbol.asyncIterator]: () => ({ next, return: end }) };
}
