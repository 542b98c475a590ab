import * as z from 'zod/mini';
import { readJsonResponse } from '../protocol/read-json-response.ts';
import { callOnce, type Outgoing } from './call.ts';
import type { CallOptions } from './call-options.ts';
import type { ConnectionOptions } from './client-options.ts';
import { readErrorText, readText } from './read-text.ts';
import type { IncomingResponse, Session } from './session.ts';

/** A call whose response is JSON with a known schema, without images. */
export function callJson<T>(
  options: ConnectionOptions,
  outgoing: Outgoing,
  schema: z.ZodMiniType<T>,
  callOptions: CallOptions = {},
): Promise<T> {
  return callOnce(options, outgoing, (response, session) => readAs(schema, response, session), callOptions);
}

/**
 * A call whose response is a 204 without a body, such as one that deletes. Where `isGoneAtLast`, a 404 after a retry is one too: the attempt before may
 * have deleted for good what the retry no longer finds.
 */
export function callWithoutContent(
  options: ConnectionOptions,
  outgoing: Outgoing,
  isGoneAtLast: boolean,
  callOptions: CallOptions,
): Promise<void> {
  async function* read(response: IncomingResponse, session: Session): AsyncGenerator<never, void, void> {
    const isGone = response.status === 204 || (isGoneAtLast && response.status === 404 && session.attempt > 1);
    if (isGone) session.reportResponse(response, await readErrorText(response, session));
    else yield* readAs(z.never(), response, session);
  }
  return callOnce(options, outgoing, read, callOptions);
}

/** A generator, like every reader of a response, although it delivers nothing before its end. */
async function* readAs<T>(
  schema: z.ZodMiniType<T>,
  response: IncomingResponse,
  session: Session,
): AsyncGenerator<never, T, void> {
  const isError = response.status < 200 || response.status > 299;
  const text = isError ? await readErrorText(response, session) : await readText(response.body);
  session.reportResponse(response, text);
  yield* [];
  return readJsonResponse(schema, response, text, session.now());
}
