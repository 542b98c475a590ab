import type * as z from 'zod/mini';
import { readJsonAnswer } from '../protocol/read-json-answer.ts';
import { callOnce, type Answer, type CallOptions, type Outgoing, type Session } from './call.ts';
import type { ClientOptions } from './client-options.ts';
import { readErrorText, readText } from './read-text.ts';

/** A call that is answered with JSON of a known shape, without pictures. */
export function callJson<T>(
  options: ClientOptions,
  outgoing: Outgoing,
  schema: z.ZodMiniType<T>,
  callOptions: CallOptions = {},
): Promise<T> {
  // A generator like every reader of answers; this one has nothing to hand out before its end.
  async function* read(answer: Answer, session: Session): AsyncGenerator<never, T, void> {
    const isError = answer.status < 200 || answer.status > 299;
    const text = isError ? await readErrorText(answer, session) : await readText(answer.body);
    session.replied(answer, text);
    yield* [];
    return readJsonAnswer(schema, answer, text, session.now());
  }
  return callOnce(options, outgoing, read, callOptions);
}
