import type { RetryPolicy } from '../protocol/retry-policy.ts';

/** A response as it was received. */
export interface RawResponse {
  /** HTTP status. */
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The request id of the server, for its support and its invoice; null if it sent none. */
  readonly requestId: string | null;
  /** The JSON as received, with null in place of each base64 text; undefined if the body is not JSON. */
  readonly json: unknown;
}

/** The options of every call. Unknown names are refused. */
export interface RequestOptions {
  /** Cancels the call. A generation that was already sent may have been billed. */
  readonly signal?: AbortSignal | undefined;
  /** Replaces `timeoutMs` of the client: milliseconds for the whole call, with its retries and the body of the response. */
  readonly timeoutMs?: number | undefined;
  /** Overrides single fields of `retry` of the client. */
  readonly retry?: Partial<RetryPolicy> | undefined;
}

/** The options of a call. Unknown names are refused. */
export interface CallOptions extends RequestOptions {
  /** Called with each response as it was received, also with those that become an error. */
  readonly onResponse?: ((raw: RawResponse) => void) | undefined;
}
