import { bodyFailure, requestFailure } from './connection-failure.ts';
import { hostProblem } from './public-address.ts';
import { TransportError, type RequestBody, type Transport, type TransportRequest } from './transport.ts';

/** The part of `fetch` that is used, so that undici's `fetch` with a custom dispatcher fits too. */
export type FetchLike = (url: string, init: FetchInit) => Promise<FetchResponse>;

/** The part of `RequestInit` that is used. */
export interface FetchInit {
  /** `GET`, `POST`, `PATCH` or `DELETE`. */
  readonly method: string;
  /** By lower-case name. */
  readonly headers: Record<string, string>;
  /** Null for a request without one. */
  readonly body: Uint8Array<ArrayBuffer> | Blob | ReadableStream<Uint8Array<ArrayBuffer>> | null;
  /** Aborts the request in every phase. */
  readonly signal: AbortSignal;
  /** `follow` only where a browser hides the target. */
  readonly redirect: 'manual' | 'follow';
  /** Required for a body that is a stream. */
  readonly duplex?: 'half';
}

/** The part of `Response` that is used. */
export interface FetchResponse {
  /** HTTP status. */
  readonly status: number;
  /** `opaqueredirect` for a redirect that a browser hides. */
  readonly type: string;
  /** Its headers. */
  readonly headers: { forEach(callback: (value: string, name: string) => void): void };
  /** Null without one. */
  readonly body: FetchBody | null;
}

/** The part of `ReadableStream` that is used, because the types of the different fetches are incompatible. */
export interface FetchBody {
  /** Locks the stream, and reads it. */
  getReader(): {
    read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
    cancel(): Promise<void>;
  };
}

/** The options of `createFetchTransport`. */
export interface FetchTransportOptions {
  /**
   * Whether bodies above 1 MiB are sent as streams with a `content-length`. undici's fetch can do that; browsers cannot over HTTP/1.1.
   * Default false: such bodies are sent as a `Blob`.
   */
  readonly streamsUploads?: boolean;
}

/** Bodies up to this size are sent as one array. */
const SMALL_BODY_BYTES = 1024 * 1024;

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
    throw new TransportError(`The request body could not be read (${String(cause)})`, false, { cause, refused: true });
  });
  const init = { method, headers: { ...headers }, signal, redirect: 'manual' } as const;
  try {
    const response = await fetch(url, { ...init, ...body });
    if (response.type !== 'opaqueredirect') return response;
    if (method !== 'GET') throw new TransportError('The server redirects, and a browser hides the target', true);
    // Only a browser can follow: it hides the target, and protects private addresses by itself.
    return await fetch(url, { ...init, body: null, redirect: 'follow' });
  } catch (cause) {
    throw cause instanceof TransportError ? cause : requestFailure(cause);
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
      // The type only excludes shared memory, which no body of ours uses.
      else controller.enqueue(value as Uint8Array<ArrayBuffer>);
    },
    async cancel() {
      await chunks.return?.();
    },
  });
}

/** Uses a reader, because not every browser can iterate a stream. Not a generator, which cannot be ended before it has started. */
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
      throw bodyFailure(cause);
    }
  };
  // To stop early closes the connection.
  const end = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
    await reader?.cancel().catch(() => undefined);
    return { done: true, value: undefined };
  };
  return { [Symbol.asyncIterator]: () => ({ next, return: end }) };
}
