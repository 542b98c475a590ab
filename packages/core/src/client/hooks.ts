import { redactText } from '../errors/redact.ts';
import type { WanImageError } from '../errors/wan-image-error.ts';
import type { HttpRequest, Operation } from '../protocol/build-request.ts';

/** A call of a client. All hooks of a call get the same object, so it can be the key of a span. */
export interface CallInfo {
  /** What the call does. */
  readonly operation: Operation;
  /** HTTP method. */
  readonly method: string;
  /** Without the query, which may contain a signature. */
  readonly url: string;
  /** Null for operations that are free of charge. */
  readonly idempotencyKey: string | null;
}

/** An attempt that is about to be sent. */
export interface RequestEvent {
  /** The call that it belongs to. */
  readonly call: CallInfo;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** Size of the body in bytes. */
  readonly bodyBytes: number;
}

/** The headers of a response. */
export interface ResponseEvent {
  /** The call that it belongs to. */
  readonly call: CallInfo;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** HTTP status. */
  readonly status: number;
  /** The request id of the server; null if it sent none. */
  readonly requestId: string | null;
  /** From the request to the headers of its response, in milliseconds. */
  readonly durationMs: number;
}

/** A failed attempt that will be retried. */
export interface RetryEvent {
  /** The call that it belongs to. */
  readonly call: CallInfo;
  /** The attempt that failed. */
  readonly attempt: number;
  /** Why it failed. */
  readonly error: WanImageError;
  /** Delay before the next attempt, in milliseconds. */
  readonly delayMs: number;
}

/** The end of a call that failed. */
export interface ErrorEvent {
  /** The call that failed. */
  readonly call: CallInfo;
  /** Why it failed; thrown to the caller, unless its stream was closed early. */
  readonly error: WanImageError;
  /** Duration of the whole call in milliseconds. */
  readonly durationMs: number;
}

/** The end of a call that succeeded. */
export interface DoneEvent {
  /** The call that succeeded. */
  readonly call: CallInfo;
  /** Number of HTTP requests that were sent. */
  readonly attempts: number;
  /** Duration of the whole call in milliseconds. */
  readonly durationMs: number;
}

/**
 * Callbacks for logs, metrics and traces. Events contain no secrets: no API key, prompt, image or signed query.
 * A hook cannot change a call, and its errors are ignored: a broken log must not fail a paid call.
 */
export interface Hooks {
  /** An attempt is about to be sent. */
  readonly request?: (event: RequestEvent) => void;
  /** The headers of a response have arrived. */
  readonly response?: (event: ResponseEvent) => void;
  /** An attempt failed and will be retried. */
  readonly retry?: (event: RetryEvent) => void;
  /** The call failed, or its stream was closed early. */
  readonly error?: (event: ErrorEvent) => void;
  /** The call succeeded: its response has been read to the end. */
  readonly done?: (event: DoneEvent) => void;
}

export function callInfo(
  { operation, method, headers }: HttpRequest,
  url: string,
  secrets: readonly string[],
): CallInfo {
  const withoutQuery = url.replace(/[?#].*$/s, '');
  const idempotencyKey = headers['idempotency-key'] ?? null;
  return { operation, method, url: redactText(withoutQuery, { secrets }), idempotencyKey };
}

/** Calls a hook, if it is set, and ignores its errors. */
export function notify<T>(hook: ((event: T) => unknown) | undefined, event: T): void {
  try {
    const result = hook?.(event);
    if (result instanceof Promise) result.catch(() => undefined);
  } catch {
    // There is nowhere to report it: hooks are where reports go.
  }
}
