import { hostProblem } from './public-address.ts';
import {
  transportError,
  TransportError,
  type RequestBody,
  type Transport,
  type TransportRequest,
} from './transport.ts';

/** The part of `fetch` that is used, so that undici's, with a dispatcher of its own, fits too. */
export type FetchLike = (url: string, init: FetchInit) => Promise<FetchResponse>;

export interface FetchInit {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array<ArrayBuffer> | Blob | ReadableStream<Uint8Array<ArrayBuffer>> | null;
  readonly signal: AbortSignal;
  readonly redirect: 'manual' | 'follow';
  /** For a body that is a stream. */
  readonly duplex?: 'half';
}

export interface FetchResponse {
  readonly status: number;
  readonly type: string;
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

export interface FetchTransportOptions {
  /**
   * Sends large bodies as streams with a `content-length`. undici's fetch can; browsers cannot over HTTP/1.1,
   * and there a body larger than 1 MiB is sent as a `Blob`. Default false.
   */
  readonly streamsUploads?: boolean;
}

/** A body up to this size is sent in one piece. */
const SMALL_BODY_BYTES = 1024 * 1024;

/** Codes of undici and TLS that can only come before the first byte of a request has left. */
const NEVER_CONNECTED = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  // Bun's word for a refused connection or a name that nobody knows.
  'ConnectionRefused',
]);

/**
 * System calls before there is a connection. A code such as EHOSTUNREACH alone does not tell: a connection on which
 * a paid request is already under way ends with it too, when a route is lost, but then in a `read`.
 */
const BEFORE_CONNECTION = new Set(['connect', 'getaddrinfo']);

/** A transport over `fetch`. */
export function createFetchTransport(
  fetch: FetchLike,
  { streamsUploads = false }: FetchTransportOptions = {},
): Transport {
  return async (request) => {
    const problem = request.publicOnly ? hostProblem(new URL(request.url)) : null;
    if (problem !== null) throw new TransportError(problem, false, { refused: true });
    const response = await send(fetch, request, streamsUploads);
    const headers: Record<string, string> = {};
    response.headers.forEach((value, name) => (headers[name.toLowerCase()] = value));
    return { status: response.status, headers, body: chunksOf(response.body) };
  };
}

async function send(fetch: FetchLike, request: TransportRequest, streamsUploads: boolean): Promise<FetchResponse> {
  const { method, url, headers, signal } = request;
  const body = await bodyOf(request.body, headers, streamsUploads).catch((cause: unknown) => {
    throw new TransportError(`The body could not be made (${String(cause)})`, false, { cause, refused: true });
  });
  const init = { method, headers: { ...headers }, signal, redirect: 'manual' } as const;
  try {
    const response = await fetch(url, { ...init, ...body });
    if (response.type !== 'opaqueredirect') return response;
    if (method !== 'GET') throw new TransportError('The server redirects; a browser does not tell where to', true);
    // A browser follows, or nobody does: it hides where a redirect leads, and keeps pages away from private addresses by itself.
    return await fetch(url, { ...init, body: null, redirect: 'follow' });
  } catch (cause) {
    throw cause instanceof TransportError ? cause : failure(cause, !neverConnected(cause));
  }
}

async function bodyOf(
  body: RequestBody | null,
  headers: TransportRequest['headers'],
  streamsUploads: boolean,
): Promise<Pick<FetchInit, 'body' | 'duplex'> & Partial<Pick<FetchInit, 'headers'>>> {
  if (body === null) return { body: null };
  if (body.length > SMALL_BODY_BYTES && streamsUploads) {
    return { body: streamOf(body), duplex: 'half', headers: { ...headers, 'content-length': String(body.length) } };
  }
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for await (const chunk of body.chunks()) parts.push(new Uint8Array(chunk));
  const [only] = parts;
  return { body: parts.length === 1 && only ? only : new Blob(parts) };
}

function streamOf(body: RequestBody): ReadableStream<Uint8Array<ArrayBuffer>> {
  const chunks = body.chunks()[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      // No body of ours stands on shared memory, which is all that the type rules out.
      else controller.enqueue(value as Uint8Array<ArrayBuffer>);
    },
    async cancel() {
      await chunks.return?.();
    },
  });
}

/** A reader instead of `for await`: not every browser can iterate a stream. By hand: a generator cannot be ended before it has begun. */
function chunksOf(body: FetchBody | null): AsyncIterable<Uint8Array> {
  const reader = body?.getReader();
  const next = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
    try {
      for (;;) {
        const { done, value } = (await reader?.read()) ?? { done: true };
        if (done) return { done: true, value: undefined };
        if (value) return { done: false, value };
      }
    } catch (cause) {
      throw failure(cause, true);
    }
  };
  // Whoever stops early lets the connection go.
  const end = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
    await reader?.cancel().catch(() => undefined);
    return { done: true, value: undefined };
  };
  return { [Symbol.asyncIterator]: () => ({ next, return: end }) };
}

function failure(cause: unknown, connected: boolean): TransportError {
  const [leaf] = leavesOf(cause);
  return transportError(leaf?.code ?? leaf?.message ?? String(cause), connected, cause);
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
