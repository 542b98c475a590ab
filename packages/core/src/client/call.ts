import { IN_DOUBT, isWanImageError, WanImageError } from '../errors/wan-image-error.ts';
import { resolveUrl, type HttpRequest } from '../protocol/build-request.ts';
import type { HttpAnswer } from '../protocol/read-reply.ts';
import { DEFAULT_RETRY_POLICY, nextDelay } from '../protocol/retry-policy.ts';
import { isTransportError } from '../transport/transport.ts';
import { DEFAULT_TIMEOUT_MS, type ClientOptions } from './client-options.ts';
import { startTimeLimit, type TimeLimit } from './time-limit.ts';

export interface Called<T> {
  readonly value: T;
  readonly status: number;
  /** How often the request reached out for the server. */
  readonly attempts: number;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

/**
 * Sends a request under one time limit for the whole call and reads its answer with `read`.
 * Sends again only what certainly did no work. Every failure leaves as a {@link WanImageError}.
 */
export async function call<T>(
  options: ClientOptions,
  request: HttpRequest,
  read: (answer: HttpAnswer, now: number) => T,
  { signal, timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS }: CallOptions,
): Promise<Called<T>> {
  const policy = { ...DEFAULT_RETRY_POLICY, ...options.retry };
  const limit = startTimeLimit(options.clock, timeoutMs, signal);
  try {
    for (let attempts = 1; ; attempts++) {
      const result = await attempt(options, request, read, limit, attempts);
      if ('value' in result) return result;
      const delay = nextDelay(result.error, attempts - 1, policy, options.random());
      if (delay === null) throw result.error;
      await pause(options, delay, limit, result.error);
    }
  } finally {
    limit.end();
  }
}

async function attempt<T>(
  options: ClientOptions,
  request: HttpRequest,
  read: (answer: HttpAnswer, now: number) => T,
  limit: TimeLimit,
  attempts: number,
): Promise<Called<T> | { error: WanImageError }> {
  if (limit.reason() === 'canceled') throw neverSent();
  try {
    const answer = await send(options, request, limit.signal);
    return { value: read(answer, options.clock.now()), status: answer.status, attempts };
  } catch (cause) {
    const error = toError(cause, limit).withAttempts(attempts);
    // Only a POST is paid for.
    return { error: request.method === 'GET' ? error.ofFreeRequest() : error };
  }
}

/** While it pauses nothing is under way, so whatever ends the pause, the last failure is what is known. */
async function pause(options: ClientOptions, delay: number, limit: TimeLimit, last: WanImageError): Promise<void> {
  try {
    await options.clock.sleep(delay, limit.signal);
  } catch {
    throw last;
  }
}

async function send(options: ClientOptions, request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
  const { status, headers, body } = await options.transport({
    method: request.method,
    url: resolveUrl(options.baseUrl, request.path),
    headers: { ...options.headers, ...request.headers, authorization: `Bearer ${options.apiKey}` },
    body: request.body,
    signal,
  });
  return { status, headers, text: await readText(body) };
}

async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  const parts: string[] = [];
  for await (const chunk of body) parts.push(decoder.decode(chunk, { stream: true }));
  parts.push(decoder.decode());
  return parts.join('');
}

function toError(cause: unknown, limit: TimeLimit): WanImageError {
  if (isWanImageError(cause)) return cause;
  const reason = limit.reason();
  if (reason !== null) return stopped(reason, cause);
  if (isTransportError(cause) && !cause.connected) {
    return new WanImageError(
      `${cause.message}. Nothing was sent: check the base URL and the network.`,
      { kind: 'connection_failed', fault: 'network', outcome: 'not_billed', retryable: true },
      { cause },
    );
  }
  const what = cause instanceof Error ? cause.message : String(cause);
  return new WanImageError(
    `${what} after the request had left. ${IN_DOUBT}`,
    { kind: 'connection_lost', fault: 'network', outcome: 'unknown' },
    { cause },
  );
}

function stopped(kind: 'timed_out' | 'canceled', cause: unknown): WanImageError {
  const what = kind === 'timed_out' ? 'The time limit of the call was over' : 'The call was canceled';
  return new WanImageError(
    `${what} while the request was under way. ${IN_DOUBT}`,
    { kind, fault: kind === 'timed_out' ? 'network' : 'caller', outcome: 'unknown' },
    { cause },
  );
}

function neverSent(): WanImageError {
  return new WanImageError('The call was canceled before anything was sent.', {
    kind: 'canceled',
    fault: 'caller',
    outcome: 'not_billed',
  });
}
