import type * as z from 'zod/mini';
import { readJsonResponse } from '../protocol/read-json-response.ts';
import { callOnce, type Outgoing } from './call.ts';
import type { CallOptions } from './call-options.ts';
import type { PortableClientOptions } from './client-options.ts';
import { readErrorText, readText } from './read-text.ts';
import type { IncomingResponse, Session } from './session.ts';

/** A call whose response is JSON with a known schema, without images. */
export function callJson<T>(
  options: PortableClientOptions,
  outgoing: Outgoing,
  schema: z.ZodMiniType<T>,
  callOptions: CallOptions = {},
): Promise<T> {
  // A generator, like every reader of a response, although it delivers nothing before its end.
  async function* read(response: IncomingResponse, session: Session): AsyncGenerator<never, T, void> {
    const isError = response.status < 200 || response.status > 299;
    const text = isError ? await readErrorText(response, session) : await readText(response.body);
    session.reportResponse(response, text);
    yield* [];
    return readJsonResponse(schema, response, text, session.now());
  }
  return callOnce(options, outgoing, read, callOptions);
}
