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

/** Codes of Node's and undici's errors that can only come before the first byte has left. */
const NEVER_CONNECTED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

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
  const reason = codesOf(cause)[0] ?? (cause instanceof Error ? cause.message : String(cause));
  const what = connected ? 'The connection broke' : 'No connection could be made';
  return new TransportError(`${what} (${reason})`, connected, { cause });
}

function neverConnected(cause: unknown): boolean {
  const codes = codesOf(cause);
  return codes.length > 0 && codes.every((code) => NEVER_CONNECTED.has(code));
}

/** The codes in an error's chain; a host with several addresses gives an AggregateError with one for each. */
function codesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const own = 'code' in error && typeof error.code === 'string' ? [error.code] : [];
  const inner = error instanceof AggregateError ? error.errors.flatMap(codesOf) : [];
  return [...own, ...inner, ...codesOf(error.cause)];
}
