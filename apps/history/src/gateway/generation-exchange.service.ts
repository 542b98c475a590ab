import { Readable } from 'node:stream';
import { parseRetryHeaders, type RetryHints } from '@wan-image/core';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import type { Caller } from '../http/caller.ts';
import { ApiError, invalidRequest } from '../domain/api-error.ts';
import { REPLAYED } from '../domain/repetition.ts';
import { GenerationsService } from '../generations/generations.service.ts';
import { isRefused } from '../http/client-error.ts';
import { contract } from '../http/contract.pipe.ts';
import { sendChunks } from '../http/send-chunks.ts';
import { warningHeader } from '../http/warning-header.ts';
import { checkpoint } from '../telemetry/checkpoints.ts';
import { LOGGER } from '../telemetry/logger.ts';
import type { Admitted } from './admission/admission.service.ts';
import { ChangedSince } from './admission/changed-since.ts';
import { warningsOf } from './admission/warnings.ts';
import { ArrivalOrder } from './intake/arrival-order.ts';
import type { IncomingImages } from './intake/incoming-images.ts';
import { IntakeService } from './intake/intake.service.ts';
import { generationDeleted, notRecorded, paidFor, refusedBefore } from './response/refusals.ts';
import { eventStream, type CompletedEvent } from './response/event-stream.ts';
import type { StreamedResponse } from './response/response-stream.ts';
import { writeResponse } from './response/write-response.ts';
import type { KnownResult, KnownRequest, SubmitCommand } from './submit/submit-command.ts';
import { SubmitService, type SubmitResult } from './submit/submit.service.ts';

const RETRY_HEADERS = contract(parseRetryHeaders);

const MAX_SOURCE_LENGTH = 64;

const QUEUED_UNREAD =
  'The request was recorded and will run, but its record could not be read. Get it from the history under the x-generation-id.';

const STREAM_OF_QUEUED =
  'stream cannot be combined with Prefer: respond-async. Omit one of them: events of a queued generation are at /v1/generations/{id}/events.';

/** Of a response whose events must reach the client one by one, through any proxy. */
const EVENT_STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  'x-accel-buffering': 'no',
};

/** How a request becomes a command, and what its events are called. */
export interface RequestKind {
  readonly event: CompletedEvent;
  /** Validates the body; rejects with an ApiError if it is refused. */
  admit(value: unknown, images: IncomingImages): Promise<Admitted>;
}

/** An exchange over HTTP. */
export interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly caller: Caller;
}

/** Turns requests that generate images into commands, and their results into responses: whatever their route is. */
@Injectable()
export class GenerationExchange {
  constructor(
    private readonly arrivals: ArrivalOrder,
    private readonly intake: IntakeService,
    private readonly submissions: SubmitService,
    private readonly generations: GenerationsService,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async respond({ request, reply, caller }: Exchange, kind: RequestKind): Promise<void> {
    const command = await this.#commandOf(request, caller, connectionOf(request, reply), kind);
    // A request that came too late was refused on its connection, and its rest can arrive after all: its client sends it again.
    if (isRefused(request.raw.socket)) {
      if ('files' in command) await command.files.discard();
      this.logger.warn(
        { request_id: request.id },
        'a request that was refused as too late arrived after all, and is not run',
      );
      throw refusedBefore();
    }
    // Set before submitting, so that an error response has it too.
    if ('accepted' in command) void reply.headers(warningHeader(warningsOf(command.accepted)));
    if (command.stream) return this.#sendEvents(command, reply, kind.event);
    const result = await this.#submit(command);
    void reply.headers(headersOf(result));
    if (result.response === null) return this.#sendQueued(result, caller, reply);
    const body = await writeResponse(result.response);
    if (!(Symbol.asyncIterator in body)) return void reply.send(body);
    return sendChunks(reply.type('application/json; charset=utf-8'), body, (error) =>
      this.logger.warn({ request_id: request.id, err: error }, 'a response was aborted'),
    );
  }

  /** The head is sent with the first event or comment. An error before that is an ordinary error response. */
  async #sendEvents(command: SubmitCommand | KnownRequest, reply: FastifyReply, event: CompletedEvent): Promise<void> {
    if (command.mode === 'queue') {
      if ('files' in command) await command.files.discard();
      throw invalidRequest(STREAM_OF_QUEUED, 'stream');
    }
    const headers: Record<string, string> = { ...EVENT_STREAM_HEADERS };
    const onKnown = (result: KnownResult): void => void Object.assign(headers, headersOf(result));
    const submitting = this.#submit({ ...command, onKnown });
    const events = eventStream(event, submitting.then(responseOf));
    async function* withHead(): AsyncGenerator<Uint8Array, void, void> {
      for await (const chunk of events) {
        if (!reply.raw.headersSent) void reply.headers(headers);
        yield chunk;
      }
    }
    return sendChunks(reply, withHead(), (error) =>
      this.logger.warn({ request_id: reply.request.id, err: error }, 'a response was aborted'),
    );
  }

  #submit(command: SubmitCommand | KnownRequest): Promise<SubmitResult> {
    return 'generationId' in command ? this.submissions.repeat(command) : this.submissions.submit(command);
  }

  async #commandOf(
    request: FastifyRequest,
    caller: Caller,
    connection: Pick<SubmitCommand, 'signal' | 'received'>,
    kind: RequestKind,
  ): Promise<SubmitCommand | KnownRequest> {
    const header = (name: string): string | undefined => {
      const value = request.headers[name];
      return typeof value === 'string' ? value : undefined;
    };
    const retry = RETRY_HEADERS.transform(request.headers, { type: 'custom' });
    const length = header('content-length');
    const contentLength = length === undefined ? null : Number(length);
    const stream = request.body instanceof Readable ? request.body : null;
    const admitted = await this.arrivals.read(contentLength, retry.retryCount > 0, async () => {
      const { value, images } = await this.intake
        .read({
          contentType: header('content-type') ?? '',
          contentLength,
          contentEncoding: header('content-encoding'),
          stream,
          clientId: caller.keyId,
        })
        .catch((error: unknown) => this.#refuse(error));
      return kind.admit(value, images).catch(async (error: unknown) => {
        await images.discard();
        return (await this.#earlierOf(error, value, retry, caller)) ?? this.#refuse(error);
      });
    });
    checkpoint('request read');
    const mode = prefersAsync(header('prefer')) ? 'queue' : 'wait';
    if ('generationId' in admitted) return { ...admitted, ...connection, caller, mode };
    return {
      ...admitted,
      ...connection,
      id: uuidv7(),
      caller,
      retry,
      source: header('x-wan-image-client')?.trim().slice(0, MAX_SOURCE_LENGTH) || 'api',
      mode,
    };
  }

  /**
   * What was accepted with this key before a change of the history: to refuse it would say that nothing was billed. Whether it is the same
   * request in every parameter cannot be told any more, but whether it is made from the same. Null for every other refusal.
   */
  async #earlierOf(
    error: unknown,
    value: unknown,
    { idempotencyKey }: RetryHints,
    caller: Caller,
  ): Promise<Pick<KnownRequest, 'generationId' | 'stream'> | null> {
    if (!(error instanceof ChangedSince) || idempotencyKey === null) return null;
    const generationId = await this.submissions.generationOfKey(caller, idempotencyKey, error.origin);
    const stream = typeof value === 'object' && value !== null && 'stream' in value && value.stream === true;
    return generationId === null ? null : { generationId, stream };
  }

  #refuse(error: unknown): never {
    if (error instanceof ApiError) throw error;
    this.logger.error({ err: error }, 'a request could not be read');
    throw notRecorded(error);
  }

  /** RFC 7240: responds 202 at once with the record, which the client can poll. */
  async #sendQueued({ generationId }: SubmitResult, caller: Caller, reply: FastifyReply): Promise<void> {
    const record = await this.generations.get(caller, generationId).catch((error: unknown) => {
      // It was deleted this very moment.
      if (error instanceof ApiError && error.status === 404) throw generationDeleted(generationId);
      throw paidFor(generationId, QUEUED_UNREAD, error);
    });
    const location = `/v1/generations/${generationId}`;
    void reply.status(202).headers({ location, 'preference-applied': 'respond-async' }).send(record);
  }
}

/** The headers that tell which generation a response belongs to. */
function headersOf({ generationId, isReplay, rate }: KnownResult): Record<string, string> {
  return { ...rate, ...(isReplay ? { [REPLAYED]: 'true' } : {}), 'x-generation-id': generationId };
}

function responseOf({ response }: SubmitResult): StreamedResponse {
  // Null only for a generation that is enqueued.
  if (response === null) throw new Error('A stream has no response');
  return response;
}

/** Whether a `Prefer` header has `respond-async`. Other preferences are ignored. */
function prefersAsync(prefer: string | undefined): boolean {
  return (prefer ?? '')
    .split(',')
    .some((preference) => preference.split(';')[0]?.trim().toLowerCase() === 'respond-async');
}

/** Whether the client disconnects before its response is complete, or gets all of it. */
function connectionOf(
  { raw: { socket } }: FastifyRequest,
  { raw }: FastifyReply,
): Pick<SubmitCommand, 'signal' | 'received'> {
  const disconnected = new AbortController();
  const received = Promise.withResolvers<boolean>();
  const onClose = (): void => {
    if (!raw.writableFinished) disconnected.abort();
    received.resolve(raw.writableFinished);
    socket.off('close', onClose);
    raw.off('close', onClose);
  };
  // A response that waits behind another on the same connection gets no `close` event of its own, so the socket's is used too.
  socket.once('close', onClose);
  raw.once('close', onClose);
  if (socket.destroyed) onClose();
  return { signal: disconnected.signal, received: received.promise };
}
