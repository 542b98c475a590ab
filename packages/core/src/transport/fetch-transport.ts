import { TransportError, type Transport } from './transport.ts';

/** The part of `fetch` that is used, so that undici's, with a dispatcher of its own, fits too. */
export type FetchLike = (url: string, init: FetchInit) => Promise<FetchResponse>;

export interface FetchInit {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: string | null;
  readonly signal: AbortSignal;
  readonly redirect: 'error';
}

export interface FetchResponse {
  readonly status: number;
  readonly headers: { forEach(callback: (value: string, name: string) => void): void };
  readonly body: FetchBody | null;
}

/** What is read of a `ReadableStream`; the types of the several fetches do not fit each other. */
export interface FetchBody {
  getReader(): {
    read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
    cancel(): Promise<void>;
  };
}

/** Codes of undici and TLS that can only come before the first byte of a request has left. */
const NEVER_CONNECTED = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/**
 * System calls before there is a connection. A code such as EHOSTUNREACH alone does not tell: a connection on which
 * a paid request is already under way ends with it too, when a route is lost, but then in a `read`.
 */
const BEFORE_CONNECTION = new Set(['connect', 'getaddrinfo']);

/** A transport over `fetch`. Redirects are errors: a POST that wanders off could be paid for somewhere else. */
export function createFetchTransport(fetch: FetchLike): Transport {
  return async ({ method, url, headers, body, signal }) => {
    let response: FetchResponse;
    try {
      response = await fetch(url, { method, headers: { ...headers }, body, signal, redirect: 'error' });
    } catch (cause) {
      throw failure(cause, !neverConnected(cause));
    }
    const responseHeaders: Record<string, string> = {};
    response.headers.forEach((value, name) => (responseHeaders[name] = value));
    return { status: response.status, headers: responseHeaders, body: chunksOf(response.body) };
  };
}

async function* chunksOf(body: FetchBody | null): AsyncIterable<Uint8Array> {
  if (!body) return;
  // A reader instead of `for await`: not every browser can iterate a stream.
  const reader = body.getReader();
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      ended = done;
      if (done) return;
      if (value) yield value;
    }
  } catch (cause) {
    ended = true;
    throw failure(cause, true);
  } finally {
    // Whoever stops early lets the connection go.
    if (!ended) await reader.cancel().catch(() => undefined);
  }
}

function failure(cause: unknown, connected: boolean): TransportError {
  const [leaf] = leavesOf(cause);
  const words = leaf?.code ?? leaf?.message ?? String(cause);
  const what = connected ? 'The connection broke' : 'No connection could be made';
  return new TransportError(`${what} (${words})`, connected, { cause });
}

/** In doubt false: then the outcome is unknown, and nothing is sent again. */
function neverConnected(cause: unknown): boolean {
  const leaves = leavesOf(cause);
  return leaves.length > 0 && leaves.every(isBeforeConnection);
}

function isBeforeConnection({ code, syscall, message }: Leaf): boolean {
  if (syscall !== null && BEFORE_CONNECTION.has(syscall)) return true;
  // fetch blocks some ports, and says so only in words.
  return code === null ? message === 'bad port' : NEVER_CONNECTED.has(code);
}

interface Leaf {
  readonly message: string;
  readonly code: string | null;
  readonly syscall: string | null;
}

/** What an error comes down to: its innermost causes, several where a host has several addresses. */
function leavesOf(error: unknown): Leaf[] {
  if (!(error instanceof Error)) return [];
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.flatMap(leavesOf);
  if (error.cause instanceof Error) return leavesOf(error.cause);
  return [{ message: error.message, code: textOf(error, 'code'), syscall: textOf(error, 'syscall') }];
}

function textOf(error: Error, key: 'code' | 'syscall'): string | null {
  const value = (error as { code?: unknown; syscall?: unknown })[key];
  return typeof value === 'string' ? value : null;
}
