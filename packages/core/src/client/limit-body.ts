import type { Progress } from './failure.ts';
import type { TimeLimit } from './time-limit.ts';

/** A body that ends with its attempt, counts what came, and does not stay silent for ever. An iterator by hand: chunks are many. */
export function limitBody(
  body: AsyncIterable<Uint8Array>,
  limit: TimeLimit,
  idleTimeoutMs: number,
  progress: Progress,
): AsyncIterable<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]();
  const next = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
    const { done, value } = await limit.raceSilence(chunks.next(), idleTimeoutMs);
    if (done) return { done: true, value: undefined };
    progress.bytes += value.length;
    return { done: false, value };
  };
  const end = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
    // Not awaited: a transport that hangs must not hold up what comes after it.
    void Promise.resolve(chunks.return?.()).catch(() => undefined);
    return { done: true, value: undefined };
  };
  return { [Symbol.asyncIterator]: () => ({ next, return: end }) };
}
