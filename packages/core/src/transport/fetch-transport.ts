import { bodyFailure, requestFailure } from './connection-failure.ts';
import { hostProblem } from './public-address.ts';
import { TransportError, type RequestBody, type Transport, type TransportRequest } from './transport.ts';

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
      throw bodyFailure(cause);
    }
  };
  // Whoever stops early lets the connection go.
  const end = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
    await reader?.cancel().catch(() => undefined);
    return { done: true, value: undefined };
  };
  return { [Symbol.asyncIterator]: () => ({ next, return: end }) };
}
