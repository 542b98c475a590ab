import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { parseRetryHeaders, type GenerationRecord, type GenerationResponse } from '@wan-image/core';
import { Inject, Injectable } from '@nestjs/common';
import type { Caller } from '../access/caller.ts';
import { GenerationsService } from '../generations/generations.service.ts';
import { brokenRules, notFound } from '../http/api-error.ts';
import { reached } from '../telemetry/points.ts';
import { REPLAYED } from './idempotency.ts';
import { warningOf } from './intake/dialect.ts';
import { IntakeService } from './intake/intake.service.ts';
import { OnceService, type Asked } from './once.service.ts';
import { paidFor } from './refusals.ts';
import { writeResponse } from './write-response.ts';

/** For injection: a setting. */
export const CANCELS_ON_DISCONNECT = Symbol('CANCELS_ON_DISCONNECT');

const MAX_SOURCE_LENGTH = 64;

const LEFT_UNREAD =
  'The request was recorded and will be made, but its record could not be read. Get it from the history under the x-generation-id.';

/** What goes out as the body: the reply, whole or as it comes, or the record of what was left to the queue. */
type Sent = GenerationResponse | GenerationRecord | AsyncIterable<Uint8Array>;

/** A request for images, its body not yet read. */
export interface RawRequest {
  readonly headers: IncomingHttpHeaders;
  readonly body: Readable | null;
  readonly isEdit: boolean;
}

export interface GatewayResponse {
  readonly sent: Sent;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** From the raw request to the answer: read in, made once or left to the queue, written. */
@Injectable()
export class AnswersService {
  readonly #intake: IntakeService;
  readonly #once: OnceService;
  readonly #generations: GenerationsService;
  readonly #cancelsOnDisconnect: boolean;

  constructor(
    intake: IntakeService,
    once: OnceService,
    generations: GenerationsService,
    @Inject(CANCELS_ON_DISCONNECT) cancelsOnDisconnect: boolean,
  ) {
    this.#intake = intake;
    this.#once = once;
    this.#generations = generations;
    this.#cancelsOnDisconnect = cancelsOnDisconnect;
  }

  /** `left` aborts when the caller leaves; `warn` is told at once what was taken for something else, so that an error says so too. */
  async response(
    { headers, body, isEdit }: RawRequest,
    caller: Caller,
    left: AbortSignal,
    warn: (warning: string) => void,
  ): Promise<GatewayResponse> {
    const text = (name: string): string | undefined => {
      const value = headers[name];
      return typeof value === 'string' ? value : undefined;
    };
    const retry = parseRetryHeaders(headers);
    if (!retry.ok) throw brokenRules(retry.problems);
    const source = text('x-wan-image-client')?.trim().slice(0, MAX_SOURCE_LENGTH) || 'api';
    const length = text('content-length');
    const intake = await this.#intake.read({
      contentType: text('content-type') ?? '',
      contentLength: length === undefined ? null : Number(length),
      body,
      isEdit,
      isRetry: retry.value.isRetry,
      projectId: caller.projectId,
    });
    reached('request read');
    const warning = warningOf(intake.accepted.adapted);
    if (warning !== null) warn(warning);
    const asked = { intake, source, retryHints: retry.value, caller, left, cancels: this.#cancelsOnDisconnect };
    return prefersAsync(text('prefer')) ? this.#left(asked) : this.#made(asked);
  }

  async #made(asked: Asked): Promise<GatewayResponse> {
    const { response, rate, isReplay } = await this.#once.generate(asked);
    const headers = { ...rate, ...replayed(isReplay), 'x-generation-id': response.generationId };
    return { sent: await writeResponse(response), status: 200, headers };
  }

  /** RFC 7240: 202 at once, and the record, which tells the rest. */
  async #left(asked: Asked): Promise<GatewayResponse> {
    const { id, isReplay, rate } = await this.#once.leave(asked);
    const record = await this.#generations.get(id, asked.caller.projectId).catch((error: unknown) => {
      throw paidFor(id, LEFT_UNREAD, error);
    });
    if (!record) throw notFound('This generation');
    const headers = {
      ...rate,
      ...replayed(isReplay),
      location: `/v1/generations/${id}`,
      'preference-applied': 'respond-async',
      'x-generation-id': id,
    };
    return { sent: record, status: 202, headers };
  }
}

function replayed(isReplay: boolean): Record<string, string> {
  return isReplay ? { [REPLAYED]: 'true' } : {};
}

/** Whether a `Prefer` header asks not to be kept waiting; what else it asks is not for this service. */
function prefersAsync(prefer: string | undefined): boolean {
  return (prefer ?? '')
    .split(',')
    .some((preference) => preference.split(';')[0]?.trim().toLowerCase() === 'respond-async');
}
