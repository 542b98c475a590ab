import { bodyFailure, hostProblem, requestFailure, TransportError } from '@wan-image/core/portable';
import type { RequestBody, Transport, TransportRequest, TransportResponse } from '@wan-image/core/portable';
import type { IExecuteFunctions, IHttpRequestOptions, IN8nHttpFullResponse } from 'n8n-workflow';
import { unsentFailure } from './unsent-failure.ts';

/** What the context of an execution and that of a list search have in common. */
export type N8nHost = Pick<IExecuteFunctions, 'getCredentials' | 'getNode'> & {
  readonly helpers: Pick<IExecuteFunctions['helpers'], 'httpRequest' | 'httpRequestWithAuthentication'>;
};

/** A Node stream by its structure: n8n lets a node import neither the class nor its type. */
export interface NodeStream extends AsyncIterable<Uint8Array> {
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/** Which credential n8n adds, with the values that its expressions have for an item. */
interface Authentication {
  readonly credential: string;
  readonly item: number;
}

/** The longest timer. The caller's signal is the time limit; without a timeout of our own n8n sets five minutes. */
const NO_TIME_LIMIT_MS = 2 ** 31 - 1;

/**
 * A transport over n8n's HTTP helpers, so that n8n's proxy and its protection against requests to private networks apply. n8n adds the
 * credential, and only to requests to the API, never to the download of an image. `onStream` gets the stream of each response.
 */
export function createN8nTransport(
  host: N8nHost,
  authentication: Authentication,
  onStream: (stream: NodeStream) => void,
): Transport {
  return async (request) => {
    const problem = request.publicOnly ? hostProblem(new URL(request.url)) : null;
    if (problem !== null) throw new TransportError(problem, false, { refused: true });
    const own = new AbortController();
    const signal = AbortSignal.any([request.signal, own.signal]);
    const { body, headers, statusCode } = await send(host, authentication, await optionsOf(request, signal), signal);
    const stream = body as unknown as NodeStream;
    // n8n's client emits an abort on the stream. Without a listener, the error event would crash n8n.
    stream.on('error', () => undefined);
    onStream(stream);
    return { status: statusCode, headers: headers as TransportResponse['headers'], body: bodyOf(stream, own) };
  };
}

async function optionsOf(
  { method, url, headers, body }: TransportRequest,
  signal: AbortSignal,
): Promise<IHttpRequestOptions> {
  return {
    method: method as 'GET' | 'POST' | 'PATCH' | 'DELETE',
    url,
    headers: { ...headers },
    ...(body === null ? {} : { body: await wholeOf(body) }),
    encoding: 'stream',
    returnFullResponse: true,
    ignoreHttpStatusErrors: true,
    // A redirected POST could be billed by another service. Without redirects n8n's client does not copy the body either.
    disableFollowRedirect: true,
    timeout: NO_TIME_LIMIT_MS,
    abortSignal: signal,
  };
}

async function send(
  host: N8nHost,
  authentication: Authentication,
  { headers = {}, ...options }: IHttpRequestOptions,
  signal: AbortSignal,
): Promise<IN8nHttpFullResponse> {
  const { authorization, ...others } = headers;
  const sent: Promise<unknown> =
    authorization === undefined
      ? host.helpers.httpRequest({ ...options, headers: others })
      : host.helpers.httpRequestWithAuthentication.call(
          derived(host, signal, authentication),
          authentication.credential,
          {
            ...options,
            headers: others,
          },
        );
  const response = await sent.catch((cause: unknown) => {
    const refusal = refusalOfN8n(cause);
    if (refusal !== null) throw new TransportError(refusal, false, { cause, refused: true });
    throw unsentFailure(cause) ?? requestFailure(cause);
  });
  return response as IN8nHttpFullResponse;
}

/**
 * Errors that n8n throws before it sends a request: credentials, expressions, protection against requests to private networks. Its
 * unexpected errors are not among them: in doubt, the request counts as sent.
 */
const ERRORS_OF_N8N = /^(Ssrf\w*|UserError|OperationalError|ExpressionError|NodeOperationError|Credential\w*)$/;

/** Why n8n did not send a request, which then was not billed; null where it was sent or may have been. */
function refusalOfN8n(error: unknown): string | null {
  let innermost: unknown = error;
  for (let depth = 0; depth < 10 && innermost instanceof Error && innermost.cause instanceof Error; depth++) {
    innermost = innermost.cause;
  }
  if (!(innermost instanceof Error) || 'syscall' in innermost) return null;
  const names = [innermost.name, innermost.constructor.name];
  return names.some((name) => ERRORS_OF_N8N.test(name)) ? `n8n did not send it: ${innermost.message}` : null;
}

/**
 * The host with two changes for `httpRequestWithAuthentication`. It replaces any `abortSignal` with the cancel signal of the execution, so
 * a request that timed out would stay open until the server closes it; the execution's own signal aborts `signal` as well. And it reads
 * the credential of the first item, which would send the requests of all items with the key of that one.
 */
function derived(host: N8nHost, signal: AbortSignal, { item }: Authentication): IExecuteFunctions {
  const changed: unknown = Object.create(host, {
    getExecutionCancelSignal: { value: () => signal },
    getCredentials: { value: (type: string) => host.getCredentials(type, item) },
  });
  return changed as IExecuteFunctions;
}

/** In one buffer: n8n's client accepts no stream that a node can create. */
async function wholeOf(body: RequestBody): Promise<Buffer> {
  const whole = Buffer.allocUnsafe(body.length);
  let at = 0;
  for await (const chunk of body.chunks()) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/** Not a generator: `return` of a generator that was never read does not run its `finally`, and the connection would stay open. */
function bodyOf(stream: NodeStream, connection: AbortController): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      const chunks = stream[Symbol.asyncIterator]();
      return {
        next: () => chunks.next().catch((cause: unknown) => Promise.reject(bodyFailure(cause))),
        async return() {
          // n8n wraps the stream of the response: ending the wrapper leaves the connection open.
          connection.abort();
          await chunks.return?.().catch(() => undefined);
          return { done: true, value: undefined };
        },
      };
    },
  };
}
