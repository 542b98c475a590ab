import { redactText } from '../errors/redact.ts';
import type { WanImageError } from '../errors/wan-image-error.ts';
import type { HttpRequest, Operation } from '../protocol/build-request.ts';

/** One call of a client: the same object in all its hooks, so that it can be the key of a span. */
export interface CallInfo {
  readonly operation: Operation;
  readonly method: string;
  /** Without its query, which may be signed. */
  readonly url: string;
  /** Null for what is not paid for. */
  readonly idempotencyKey: string | null;
}

export interface RequestEvent {
  readonly call: CallInfo;
  /** 1 for the first. */
  readonly attempt: number;
  /** Of the body, in bytes. */
  readonly bodyBytes: number;
}

export interface ResponseEvent {
  readonly call: CallInfo;
  readonly attempt: number;
  readonly status: number;
  readonly requestId: string | null;
  /** From the request to the headers of its answer, in milliseconds. */
  readonly durationMs: number;
}

export interface RetryEvent {
  readonly call: CallInfo;
  /** The attempt that failed. */
  readonly attempt: number;
  readonly error: WanImageError;
  /** How long it waits before the next, in milliseconds. */
  readonly delayMs: number;
}

export interface ErrorEvent {
  readonly call: CallInfo;
  readonly error: WanImageError;
  /** Of the whole call, in milliseconds. */
  readonly durationMs: number;
}

export interface DoneEvent {
  readonly call: CallInfo;
  readonly attempts: number;
  readonly durationMs: number;
}

/**
 * What happens during calls, for logs, metrics and traces. Nothing in an event is secret: no key, prompt, image or signed query.
 * A hook cannot change a call, and what it throws is dropped: a paid call must not end for a broken log.
 */
export interface Hooks {
  /** A request leaves. */
  readonly request?: (event: RequestEvent) => void;
  /** The headers of an answer have come. */
  readonly response?: (event: ResponseEvent) => void;
  /** An attempt failed, and another will be made. */
  readonly retry?: (event: RetryEvent) => void;
  /** The call ended with an error. */
  readonly error?: (event: ErrorEvent) => void;
  /** The call ended well: its answer has been read to the end. */
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

/** Calls a hook, if there is one, and lets nothing of it come back. */
export function notify<T>(hook: ((event: T) => unknown) | undefined, event: T): void {
  try {
    const result = hook?.(event);
    if (result instanceof Promise) result.catch(() => undefined);
  } catch {
    // Not ours to report: the caller's own hook is where reports go.
  }
}
