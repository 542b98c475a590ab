import { generationStateChange, imageRecord } from '../contract/generation-record.ts';
import type { GenerationStateChange, ImageRecord } from '../contract/generation-types.ts';
import { isWanImageError } from '../errors/wan-image-error.ts';
import { buildEvents } from '../protocol/build-request.ts';
import { DEFAULT_RETRY_POLICY } from '../protocol/retry-policy.ts';
import { readEvents } from '../protocol/read-events.ts';
import { errorFromResponse } from '../protocol/read-error.ts';
import { readJsonResponse } from '../protocol/read-json-response.ts';
import { call } from './call.ts';
import type { RequestOptions } from './call-options.ts';
import { checkCallOptions } from './check-options.ts';
import { MAX_JSON_BYTES, timeoutOf, type ConnectionOptions, type ProjectOption } from './client-options.ts';
import { definedOnly } from './defined-only.ts';
import { readErrorText } from './read-text.ts';
import type { IncomingResponse, Session } from './session.ts';

/** An event of a generation. Pass `id` as `lastEventId` to resume after this event. */
export type GenerationEvent = GenerationStateEvent | GenerationImageEvent;

/** The state of a generation changed. */
export interface GenerationStateEvent {
  /** Tells the events apart. */
  readonly type: 'state';
  /** Pass it as `lastEventId` to resume after this event. */
  readonly id: string;
  /** The state that it is in now. */
  readonly data: GenerationStateChange;
}

/** An image of a generation was stored or lost. */
export interface GenerationImageEvent {
  /** Tells the events apart. */
  readonly type: 'image';
  /** Pass it as `lastEventId` to resume after this event. */
  readonly id: string;
  /** The image as it is now. */
  readonly data: ImageRecord;
}

/** The options of `events`. `timeoutMs` applies to the whole stream, with all its connections. */
export interface EventsOptions extends RequestOptions, ProjectOption {
  /** `id` of the last event that was received. Default: all events are sent. */
  readonly lastEventId?: string | undefined;
}

/** Reconnects when a connection ends, until the server reports that there are no more events, or the call times out. */
export async function* generationEvents(
  options: ConnectionOptions,
  target: string,
  eventsOptions: Omit<EventsOptions, 'projectId'>,
): AsyncGenerator<GenerationEvent, void, void> {
  checkCallOptions(eventsOptions, ['lastEventId', 'projectId']);
  const { lastEventId, ...callOptions } = eventsOptions;
  let last = lastEventId;
  const { clock } = options;
  const { baseDelayMs: pauseMs } = {
    ...DEFAULT_RETRY_POLICY,
    ...definedOnly(options.retry),
    ...definedOnly(callOptions.retry),
  };
  const end = clock.now() + timeoutOf(options, callOptions);
  for (;;) {
    let wasActive = false;
    const read = async function* (
      response: IncomingResponse,
      session: Session,
    ): AsyncGenerator<GenerationEvent, boolean, void> {
      if (response.status === 204) return true;
      if (response.status !== 200)
        throw errorFromResponse(response, await readErrorText(response, session), session.now());
      const before = last;
      for await (const event of eventsOf(response, session.now)) {
        wasActive = true;
        if (event === null) continue;
        last = event.id;
        yield event;
      }
      // Handled like a broken connection: with a pause before the next one.
      if (last === before) throw new Error('The event stream ended early');
      return false;
    };
    try {
      const outgoing = { request: buildEvents(target, last), body: null };
      const { value: isComplete } = yield* call(options, outgoing, read, {
        ...callOptions,
        timeoutMs: end - clock.now(),
      });
      if (isComplete) return;
    } catch (error) {
      if (!wasActive || !isWanImageError(error) || !error.retryable || clock.now() >= end) throw error;
      // The pause keeps a server that ends every connection from being polled in a loop. If the caller aborts it, the next call throws.
      await clock.sleep(pauseMs, callOptions.signal ?? new AbortController().signal).catch(() => undefined);
    }
  }
}

/** Yields null for comments and for unknown events: they only show that the connection is alive. */
async function* eventsOf(
  response: IncomingResponse,
  now: () => number,
): AsyncGenerator<GenerationEvent | null, void, void> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body) {
    const { events, rest } = readEvents(text + decoder.decode(chunk, { stream: true }));
    text = rest;
    if (text.length > MAX_JSON_BYTES) throw new Error('An event is too long');
    for (const { event: type, id = '', data = '' } of events) {
      if (type === 'state') yield { type, id, data: readJsonResponse(generationStateChange, response, data, now()) };
      else if (type === 'image') yield { type, id, data: readJsonResponse(imageRecord, response, data, now()) };
      else yield null;
    }
  }
}
