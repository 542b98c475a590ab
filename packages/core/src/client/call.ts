import { redactText } from '../errors/redact.ts';
import type { WanImageError } from '../errors/wan-image-error.ts';
import type { ResponseHead } from '../protocol/response-head.ts';
import { resolveUrl, type HttpRequest } from '../protocol/build-request.ts';
import { parseJson } from '../protocol/parse-json.ts';
import { requestIdOf } from '../protocol/read-error.ts';
import { DEFAULT_RETRY_POLICY, nextDelay, type RetryPolicy, type RetryState } from '../protocol/retry-policy.ts';
import type { RequestBody, TransportResponse } from '../transport/transport.ts';
import type { CallOptions, RawResponse } from './call-options.ts';
import { DEFAULT_IDLE_TIMEOUT_MS, timeoutOf, type ConnectionOptions } from './client-options.ts';
import { definedOnly } from './defined-only.ts';
import { canceledBeforeSending, closedEarly, forOperation, toWanImageError, type Progress } from './failure.ts';
import { callInfo, notify, type CallInfo } from './hooks.ts';
import { limitBody } from './limit-body.ts';
import { followRedirects } from './redirects.ts';
import { headersOf } from './request-headers.ts';
import { secretValues } from './secret-headers.ts';
import type { IncomingResponse, ReadResponse, Session } from './session.ts';
import { TimeLimit } from './time-limit.ts';

export interface CallResult<R> {
  readonly value: R;
  readonly status: number;
  /** Number of HTTP requests that were sent. */
  readonly attempts: number;
}

export interface Outgoing {
  readonly request: HttpRequest;
  readonly body: RequestBody | null;
}

/**
 * Sends a request under one time limit for the whole call and reads its response with `read`. Retries only requests that certainly did
 * no work, and never after a part of the response was delivered. Every failure is thrown as a {@link WanImageError}.
 */
export function call<Y, R>(
  options: ConnectionOptions,
  outgoing: Outgoing,
  read: ReadResponse<Y, R>,
  callOptions: CallOptions,
): AsyncGenerator<Y, CallResult<R>, void> {
  return new Call(options, outgoing, read, callOptions).run();
}

/** A call that delivers nothing before its end. */
export async function callOnce<R>(
  options: ConnectionOptions,
  outgoing: Outgoing,
  read: ReadResponse<never, R>,
  callOptions: CallOptions,
): Promise<R> {
  const { value } = await call(options, outgoing, read, callOptions).next();
  return value.value;
}

/** How long an aborted transport may take to report that it never connected. */
const ABORT_GRACE_MS = 20;

interface FailedAttempt {
  readonly error: WanImageError;
  readonly wasDelivered: boolean;
}

class Call<Y, R> {
  readonly #options: ConnectionOptions;
  readonly #outgoing: Outgoing;
  readonly #read: ReadResponse<Y, R>;
  readonly #onResponse: CallOptions['onResponse'];
  readonly #policy: RetryPolicy;
  readonly #timeoutMs: number;
  readonly #signal: AbortSignal | undefined;
  readonly #idleTimeoutMs: number;
  readonly #secrets: readonly string[];
  readonly #url: string;
  readonly #info: CallInfo;
  #retryState: RetryState = { retries: 0, delayMs: 0 };
  /** Whether an attempt of this call may have been billed. What becomes of a later one does not take that back. */
  #mayBeBilled = false;

  constructor(options: ConnectionOptions, outgoing: Outgoing, read: ReadResponse<Y, R>, callOptions: CallOptions) {
    this.#options = options;
    this.#outgoing = outgoing;
    this.#read = read;
    this.#onResponse = callOptions.onResponse;
    this.#policy = { ...DEFAULT_RETRY_POLICY, ...definedOnly(options.retry), ...definedOnly(callOptions.retry) };
    this.#timeoutMs = timeoutOf(options, callOptions);
    this.#idleTimeoutMs = options.idleTimeoutMs ?? DEFAULT_IDLE_TIMEOUT_MS;
    this.#signal = callOptions.signal;
    this.#secrets = [options.apiKey ?? '', ...secretValues(options.headers)];
    this.#url = resolveUrl(options.baseUrl, outgoing.request.target);
    this.#info = callInfo(outgoing.request, this.#url, this.#secrets);
  }

  async *run(): AsyncGenerator<Y, CallResult<R>, void> {
    const { hooks, clock } = this.#options;
    const limit = new TimeLimit(clock, this.#timeoutMs, this.#signal);
    const started = clock.now();
    const durationMs = (): number => clock.now() - started;
    let hasEnded = false;
    try {
      for (let attempt = 1; ; attempt++) {
        const result = yield* this.#attempt(attempt, limit);
        if ('value' in result) {
          hasEnded = true;
          notify(hooks?.done, { call: this.#info, attempts: attempt, durationMs: durationMs() });
          return result;
        }
        await this.#pause(attempt, result, limit);
        this.#mayBeBilled ||= result.error.outcome !== 'not_billed';
      }
    } catch (cause) {
      hasEnded = true;
      // `#attempt` and `#pause` throw nothing else.
      const last = cause as WanImageError;
      const error = this.#mayBeBilled && last.outcome === 'not_billed' ? last.afterUnknown() : last;
      notify(hooks?.error, { call: this.#info, error, durationMs: durationMs() });
      throw error;
    } finally {
      limit.end();
      if (!hasEnded) {
        const error = forOperation(closedEarly(), this.#outgoing.request.operation);
        notify(hooks?.error, { call: this.#info, error, durationMs: durationMs() });
      }
    }
  }

  async *#attempt(attempt: number, limit: TimeLimit): AsyncGenerator<Y, CallResult<R> | FailedAttempt, void> {
    if (limit.reason !== null) {
      const error = canceledBeforeSending(limit.cause, this.#secrets).with({ attempts: attempt - 1 });
      return { error, wasDelivered: false };
    }
    const progress: Progress = { head: null, bytes: 0, images: 0, hasLostImages: false };
    // An idle timeout ends the attempt, not the call.
    const attemptLimit = new TimeLimit(this.#options.clock, null, limit.signal);
    const session = this.#session(attempt, attemptLimit, progress);
    try {
      const response = await this.#open(attempt, attemptLimit, progress);
      const reading = this.#read(response, session);
      for (;;) {
        const { done, value } = await reading.next();
        if (done) return { value, status: response.status, attempts: attempt };
        session.markDelivered();
        yield value;
      }
    } catch (cause) {
      const reason = limit.reason ?? attemptLimit.reason;
      const limitMs = reason === 'idle' ? this.#idleTimeoutMs : this.#timeoutMs;
      const failure = toWanImageError(cause, { reason, cause: limit.cause, limitMs }, progress, {
        url: this.#url,
        secrets: this.#secrets,
      });
      const error = forOperation(failure, this.#outgoing.request.operation);
      return {
        error: error.with({ attempts: attempt, secrets: this.#secrets }),
        wasDelivered: session.wasDelivered(),
      };
    } finally {
      attemptLimit.end();
    }
  }

  /** Waits before the next attempt, or throws. Nothing is in flight, so if the wait is aborted, the last failure still stands. */
  async #pause(attempt: number, { error, wasDelivered }: FailedAttempt, limit: TimeLimit): Promise<void> {
    const { clock, hooks, random } = this.#options;
    const isFinal = wasDelivered || limit.reason !== null;
    const delayMs = isFinal ? null : nextDelay(error, this.#retryState, this.#policy, random());
    if (delayMs === null) throw error;
    notify(hooks?.retry, { call: this.#info, attempt, error, delayMs });
    const { retries, delayMs: waitedMs } = this.#retryState;
    this.#retryState = { retries: retries + 1, delayMs: waitedMs + delayMs };
    try {
      await limit.race(clock.sleep(delayMs, limit.signal));
    } catch {
      throw error;
    }
  }

  async #open(attempt: number, limit: TimeLimit, progress: Progress): Promise<IncomingResponse> {
    const { clock, hooks } = this.#options;
    notify(hooks?.request, { call: this.#info, attempt, bodyBytes: this.#outgoing.body?.length ?? 0 });
    const started = clock.now();
    const { status, headers, body } = await this.#send(limit);
    progress.head = { status, headers };
    const durationMs = clock.now() - started;
    const id = requestIdOf(headers);
    const requestId = id && redactText(id, { secrets: this.#secrets });
    notify(hooks?.response, { call: this.#info, attempt, status, requestId, durationMs });
    return { status, headers, secrets: this.#secrets, body: limitBody(body, limit, this.#idleTimeoutMs, progress) };
  }

  #send(limit: TimeLimit): Promise<TransportResponse> {
    const { request, body } = this.#outgoing;
    const { method } = request;
    const { signal } = limit;
    if (this.#url === request.target) {
      // An image host has nothing to compute, so the idle timeout runs from the start.
      return followRedirects(this.#url, this.#options, (url, publicOnly) =>
        limit.raceIdle(
          this.#options.transport({ method, url, headers: request.headers, body: null, signal, publicOnly }),
          this.#idleTimeoutMs,
        ),
      );
    }
    const headers = headersOf(this.#options, request);
    return this.#raced(
      this.#options.transport({ method, url: this.#url, headers, body, signal, publicOnly: false }),
      limit,
    );
  }

  /** An aborted transport may still report that it never connected, and so that nothing can have been billed. */
  async #raced(sending: Promise<TransportResponse>, limit: TimeLimit): Promise<TransportResponse> {
    try {
      return await limit.race(sending);
    } catch (cause) {
      if (limit.reason === null) throw cause;
      const settled = new AbortController();
      const grace = this.#options.clock.sleep(ABORT_GRACE_MS, settled.signal).then(() => {
        throw cause;
      });
      return await Promise.race([sending, grace]).finally(() => settled.abort());
    }
  }

  #session(attempt: number, limit: TimeLimit, progress: Progress): Session & { readonly wasDelivered: () => boolean } {
    let wasDelivered = false;
    const reportResponse = (response: ResponseHead, json: string): RawResponse => {
      const { status, headers } = response;
      const raw = { status, headers, requestId: requestIdOf(headers), json: parseJson(json) };
      notify(this.#onResponse, raw);
      return raw;
    };
    return {
      attempt,
      progress,
      limit,
      now: () => this.#options.clock.now(),
      reportResponse,
      markDelivered: () => (wasDelivered = true),
      wasDelivered: () => wasDelivered,
    };
  }
}
