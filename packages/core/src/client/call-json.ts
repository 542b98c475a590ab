import type * as z from 'zod/mini';
import { readJsonResponse } from '../protocol/read-json-response.ts';
import { callOnce, type IncomingResponse, type CallOptions, type Outgoing, type Session } from './call.ts';
import type { ClientOptions } from './client-options.ts';
import { readErrorText, readText } from './read-text.ts';

/** A call that is answered with JSON of a known shape, without images. */
export function callJson<T>(
  options: ClientOptions,
  outgoing: Outgoing,
  schema: z.ZodMiniType<T>,
  callOptions: CallOptions = {},
): Promise<T> {
  // A generator like every reader of answers; this one has nothing to hand out before its end.
  async function* read(response: IncomingResponse, session: Session): AsyncGenerator<never, T, void> {
    const isError = response.status < 200 || response.status > 299;
    const text = isError ? await readErrorText(response, session) : await readText(response.body);
    session.replied(response, text);
    yield* [];
    return readJsonResponse(schema, response, text, session.now());
  }
  return callOnce(options, outgoing, read, callOptions);
}
