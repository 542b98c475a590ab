import {
  generationStateChange,
  imageRecord,
  type GenerationStateChange,
  type ImageRecord,
} from '../contract/generation-record.ts';
import { isWanImageError } from '../errors/wan-image-error.ts';
import { buildEvents } from '../protocol/build-request.ts';
import { DEFAULT_RETRY_POLICY } from '../protocol/retry-policy.ts';
import { readEvents } from '../protocol/read-events.ts';
import { errorFromResponse } from '../protocol/read-error.ts';
import { readJsonResponse } from '../protocol/read-json-response.ts';
import { call, type IncomingResponse, type CallOptions, type Session } from './call.ts';
import { checkCallOptions } from './check-options.ts';
import { MAX_JSON_BYTES, timeLimitOf, type ClientOptions } from './client-options.ts';
import { definedOnly } from './defined-only.ts';
import { readErrorText } from './read-text.ts';

/** What happened to a generation. `id` stands for all that was told until then: give it as `lastEventId` to go on from there. */
export type GenerationEvent =
  | { readonly type: 'state'; readonly id: string; readonly data: GenerationStateChange }
  /** An image is stored, or lost. */
  | { readonly type: 'image'; readonly id: string; readonly data: ImageRecord };

export interface EventsOptions extends Pick<CallOptions, 'signal' | 'timeoutMs' | 'retry'> {
  /** `id` of the last event that is known; default: none is. */
  readonly lastEventId?: string;
}

/** Goes on with another connection where one ends, until the server says that there is nothing more to come, or the time limit is over. */
export async function* generationEvents(
  options: ClientOptions,
  target: string,
  { lastEventId: last, ...callOptions }: EventsOptions,
): AsyncGenerator<GenerationEvent, void, void> {
  checkCallOptions(callOptions);
  const { clock } = options;
  const { baseDelayMs: pauseMs } = {
    ...DEFAULT_RETRY_POLICY,
    ...definedOnly(options.retry),
    ...definedOnly(callOptions.retry),
  };
  const end = clock.now() + timeLimitOf(options, callOptions);
  for (;;) {
    let isAlive = false;
    const read = async function* (
      response: IncomingResponse,
      session: Session,
    ): AsyncGenerator<GenerationEvent, boolean, void> {
      if (response.status === 204) return true;
      if (response.status !== 200)
        throw errorFromResponse(response, await readErrorText(response, session), session.now());
      const before = last;
      for await (const event of eventsOf(response, session.now)) {
        isAlive = true;
        if (event === null) continue;
        last = event.id;
        yield event;
      }
      // Like a connection that broke: with a pause before the next.
      if (last === before) throw new Error('The events ended early');
      return false;
    };
    try {
      const outgoing = { request: buildEvents(target, last), body: null };
      const { value: isOver } = yield* call(options, outgoing, read, { ...callOptions, timeoutMs: end - clock.now() });
      if (isOver) return;
    } catch (error) {
      if (!isAlive || !isWanImageError(error) || !error.retryable || clock.now() >= end) throw error;
      // Whoever breaks off again and again is not asked without a pause. Where the caller aborts it, the next call says so.
      await clock.sleep(pauseMs, callOptions.signal ?? new AbortController().signal).catch(() => undefined);
    }
  }
}

/** Null for what says no more than that the connection lives: comments, and events of a newer server. */
async function* eventsOf(
  response: IncomingResponse,
  now: () => number,
): AsyncGenerator<GenerationEvent | null, void, void> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body) {
    const { events, rest } = readEvents(text + decoder.decode(chunk, { stream: true }));
    text = rest;
    if (text.length > MAX_JSON_BYTES) throw new Error('An event does not end');
    for (const { event: type, id = '', data = '' } of events) {
      if (type === 'state') yield { type, id, data: readJsonResponse(generationStateChange, response, data, now()) };
      else if (type === 'image') yield { type, id, data: readJsonResponse(imageRecord, response, data, now()) };
      else yield null;
    }
  }
}
