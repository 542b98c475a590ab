import { redactText } from '../errors/redact.ts';
import type { WanImageError } from '../errors/wan-image-error.ts';
import type { ResponseHead } from '../protocol/response-head.ts';
import { resolveUrl, type HttpRequest } from '../protocol/build-request.ts';
import { parseJson } from '../protocol/parse-json.ts';
import { requestIdOf } from '../protocol/read-error.ts';
import { DEFAULT_RETRY_POLICY, nextDelay, type RetryPolicy, type RetryState } from '../protocol/retry-policy.ts';
import type { RequestBody, TransportResponse } from '../transport/transport.ts';
import { DEFAULT_IDLE_TIMEOUT_MS, timeLimitOf, type ClientOptions } from './client-options.ts';
import { stoppedReading, canceledBeforeSending, forOperation, toWanImageError, type Progress } from './failure.ts';
import { definedOnly } from './defined-only.ts';
import { callInfo, notify, type CallInfo } from './hooks.ts';
import { followRedirects } from './redirects.ts';
import { limitBody } from './limit-body.ts';
import { startTimeLimit, type TimeLimit } from './time-limit.ts';

/** A reply as it came. */
export interface RawResponse {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly requestId: string | null;
  /** The untouched JSON, with null in place of each base64 text; undefined where the reply is no JSON. */
  readonly json: unknown;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  /** What is different from the client's own `retry`. */
  readonly retry?: Partial<RetryPolicy>;
  /** Gets each reply as it came, that of a failure too. */
  readonly onResponse?: (raw: RawResponse) => void;
}

/** An answer whose body is read under the limits of its call. */
export interface IncomingResponse extends ResponseHead {
  readonly body: AsyncIterable<Uint8Array>;
}

/** What a reader of answers works with. */
export interface Session {
  readonly progress: Progress;
  readonly limit: TimeLimit;
  readonly now: () => number;
  /** Hands the JSON of an answer to whoever wants it as it came. */
  readonly replied: (response: ResponseHead, json: string) => RawResponse;
  /** From now on something has been handed out, so that this cannot be tried again. */
  readonly handedOut: () => void;
}

/** Reads an answer: yields what is to be had at once, returns the rest. Throws what the answer stands for. */
export type ReadResponse<Y, R> = (response: IncomingResponse, session: Session) => AsyncGenerator<Y, R, void>;

export interface CallResult<R> {
  readonly value: R;
  readonly status: number;
  /** How often the request reached out for the server. */
  readonly attempts: number;
}

export interface Outgoing {
  readonly request: HttpRequest;
  readonly body: RequestBody | null;
}

/**
 * Sends a request under one time limit for the whole call and reads its answer with `read`.
 * Sends again only what certainly did no work, and never after something was handed out.
 * Every failure leaves as a {@link WanImageError}.
 */
export function call<Y, R>(
  options: ClientOptions,
  outgoing: Outgoing,
  read: ReadResponse<Y, R>,
  callOptions: CallOptions,
): AsyncGenerator<Y, CallResult<R>, void> {
  return new Call(options, outgoing, read, callOptions).run();
}

/** A call that hands out nothing before its end. */
export async function callOnce<R>(
  options: ClientOptions,
  outgoing: Outgoing,
  read: ReadResponse<never, R>,
  callOptions: CallOptions,
): Promise<R> {
  const { value } = await call(options, outgoing, read, callOptions).next();
  return value.value;
}

/** Header names whose values are credentials. */
const SECRET_NAME = /auth|key|token|secret|cookie|signature|password|credential|session/i;

/** How long a transport has for its last word. */
const LAST_WORD_MS = 20;

class Call<Y, R> {
  readonly #options: ClientOptions;
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

  constructor(options: ClientOptions, outgoing: Outgoing, read: ReadResponse<Y, R>, callOptions: CallOptions) {
    this.#options = options;
    this.#outgoing = outgoing;
    this.#read = read;
    this.#onResponse = callOptions.onResponse;
    this.#policy = { ...DEFAULT_RETRY_POLICY, ...definedOnly(options.retry), ...definedOnly(callOptions.retry) };
    this.#timeoutMs = timeLimitOf(options, callOptions);
    this.#idleTimeoutMs = options.idleTimeoutMs ?? DEFAULT_IDLE_TIMEOUT_MS;
    this.#signal = callOptions.signal;
    this.#secrets = [options.apiKey, ...secretValues(options.headers)];
    const { operation, target } = outgoing.request;
    this.#url = operation === 'download' ? target : resolveUrl(options.baseUrl, target);
    this.#info = callInfo(outgoing.request, this.#url, this.#secrets);
  }

  async *run(): AsyncGenerator<Y, CallResult<R>, void> {
    const { hooks, clock } = this.#options;
    const limit = startTimeLimit(clock, this.#timeoutMs, this.#signal);
    const started = clock.now();
    const durationMs = (): number => clock.now() - started;
    let ended = false;
    try {
      for (let attempt = 1; ; attempt++) {
        const result = yield* this.#attempt(attempt, limit);
        if ('value' in result) {
          ended = true;
          notify(hooks?.done, { call: this.#info, attempts: attempt, durationMs: durationMs() });
          return result;
        }
        await this.#pause(attempt, result.error, result.handedOut, limit);
      }
    } catch (error) {
      ended = true;
      // Nothing else comes here: `#attempt` and `#pause` see to it.
      notify(hooks?.error, { call: this.#info, error: error as WanImageError, durationMs: durationMs() });
      throw error;
    } finally {
      limit.end();
      if (!ended) {
        const error = forOperation(stoppedReading(), this.#outgoing.request.operation);
        notify(hooks?.error, { call: this.#info, error, durationMs: durationMs() });
      }
    }
  }

  async *#attempt(
    attempt: number,
    limit: TimeLimit,
  ): AsyncGenerator<Y, CallResult<R> | { readonly error: WanImageError; readonly handedOut: boolean }, void> {
    if (limit.reason() !== null) {
      return {
        error: canceledBeforeSending(limit.cause(), this.#secrets).with({ attempts: attempt - 1 }),
        handedOut: false,
      };
    }
    const progress: Progress = { head: null, bytes: 0, images: 0, lost: false };
    // A server that falls silent ends the attempt, not the call.
    const own = startTimeLimit(this.#options.clock, null, limit.signal);
    const session = this.#session(own, progress);
    try {
      const response = await this.#open(attempt, own, progress);
      const reading = this.#read(response, session);
      for (;;) {
        const { done, value } = await reading.next();
        if (done) return { value, status: response.status, attempts: attempt };
        session.handedOut();
        yield value;
      }
    } catch (cause) {
      const stop = { reason: limit.reason() ?? own.reason(), cause: limit.cause() };
      const failure = toWanImageError(cause, stop, progress, this.#secrets);
      const error = forOperation(failure, this.#outgoing.request.operation);
      return {
        error: error.with({ attempts: attempt, secrets: this.#secrets }),
        handedOut: session.hasHandedOut(),
      };
    } finally {
      own.end();
    }
  }

  /** While it pauses nothing is under way, so whatever ends the pause, the last failure is what is known. */
  async #pause(attempt: number, error: WanImageError, handedOut: boolean, limit: TimeLimit): Promise<void> {
    const { clock, hooks, random } = this.#options;
    const over = handedOut || limit.reason() !== null;
    const delayMs = over ? null : nextDelay(error, this.#retryState, this.#policy, random());
    if (delayMs === null) throw error;
    notify(hooks?.retry, { call: this.#info, attempt, error, delayMs });
    this.#retryState = { retries: this.#retryState.retries + 1, delayMs: this.#retryState.delayMs + delayMs };
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
    if (request.operation === 'download') {
      // A store has nothing to think about: its silence counts from the start.
      return followRedirects(this.#url, this.#options, (url, publicOnly) =>
        limit.raceSilence(
          this.#options.transport({ method, url, headers: request.headers, body: null, signal, publicOnly }),
          this.#idleTimeoutMs,
        ),
      );
    }
    const authorization = `Bearer ${this.#options.apiKey}`;
    const headers = { ...lowerCased(this.#options.headers), ...request.headers, authorization };
    return this.#raced(
      this.#options.transport({ method, url: this.#url, headers, body, signal, publicOnly: false }),
      limit,
    );
  }

  /** A transport that is stopped may say that it never got through, and so that nothing can have been billed. */
  async #raced(sent: Promise<TransportResponse>, limit: TimeLimit): Promise<TransportResponse> {
    try {
      return await limit.race(sent);
    } catch (cause) {
      if (limit.reason() === null) throw cause;
      const heard = new AbortController();
      const enough = this.#options.clock.sleep(LAST_WORD_MS, heard.signal).then(() => {
        throw cause;
      });
      return await Promise.race([sent, enough]).finally(() => heard.abort());
    }
  }

  #session(limit: TimeLimit, progress: Progress): Session & { readonly hasHandedOut: () => boolean } {
    let handedOut = false;
    const replied = (response: ResponseHead, json: string): RawResponse => {
      const { status, headers } = response;
      const raw = { status, headers, requestId: requestIdOf(headers), json: parseJson(json) };
      notify(this.#onResponse, raw);
      return raw;
    };
    return {
      progress,
      limit,
      now: () => this.#options.clock.now(),
      replied,
      handedOut: () => (handedOut = true),
      hasHandedOut: () => handedOut,
    };
  }
}

/** By lower-case name, so that none stands beside one of ours in another case. */
function lowerCased(headers: ClientOptions['headers'] = {}): Record<string, string> {
  const lower: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) lower[name.toLowerCase()] = value;
  return lower;
}

/** The values of headers that are credentials, and what stands in them after a scheme such as Bearer or in a cookie. */
function secretValues(headers: ClientOptions['headers'] = {}): string[] {
  return Object.entries(headers)
    .filter(([name]) => SECRET_NAME.test(name))
    .flatMap(([, value]) => [value].concat(value.split(/[\s;=]+/)));
}
