import { bodyFailure, hostProblem, requestFailure, TransportError } from '@wan-image/core/portable';
import type { RequestBody, Transport, TransportRequest, TransportResponse } from '@wan-image/core/portable';
import type { IExecuteFunctions, IHttpRequestOptions, IN8nHttpFullResponse } from 'n8n-workflow';

/** What a node's execution and a list search have in common. */
export type N8nHost = Pick<IExecuteFunctions, 'getCredentials' | 'getNode'> & {
  readonly helpers: Pick<IExecuteFunctions['helpers'], 'httpRequest' | 'httpRequestWithAuthentication'>;
};

/** A stream of Node, of which n8n lets a node import neither the class nor its type. */
export interface NodeStream extends AsyncIterable<Uint8Array> {
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/** The longest that a timer can wait: the caller's signal is the only limit, and n8n's own would be five minutes. */
const NO_TIME_LIMIT_MS = 2 ** 31 - 1;

/**
 * The way to the network that n8n's administrator has laid: its proxy, its protection against requests to private networks. Credentials
 * are added by n8n, and only to what the client addresses to the server. `onStream` sees each answer's stream.
 */
export function createN8nTransport(
  host: N8nHost,
  credential: string,
  onStream: (stream: NodeStream) => void,
): Transport {
  return async (request) => {
    const problem = request.publicOnly ? hostProblem(new URL(request.url)) : null;
    if (problem !== null) throw new TransportError(problem, false, { refused: true });
    const own = new AbortController();
    const signal = AbortSignal.any([request.signal, own.signal]);
    const { body, headers, statusCode } = await send(host, credential, await optionsOf(request, signal), signal);
    const stream = body as unknown as NodeStream;
    // n8n's client emits the abort on the stream, and an error that nobody listens to would end n8n.
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
    method: method as 'GET' | 'POST',
    url,
    headers: { ...headers },
    ...(body === null ? {} : { body: await wholeOf(body) }),
    encoding: 'stream',
    returnFullResponse: true,
    ignoreHttpStatusErrors: true,
    // A redirected POST could be paid for somewhere else; without redirects n8n's client keeps no copy of the body either.
    disableFollowRedirect: true,
    timeout: NO_TIME_LIMIT_MS,
    abortSignal: signal,
  };
}

async function send(
  host: N8nHost,
  credential: string,
  { headers = {}, ...options }: IHttpRequestOptions,
  signal: AbortSignal,
): Promise<IN8nHttpFullResponse> {
  const { authorization, ...others } = headers;
  const sent: Promise<unknown> =
    authorization === undefined
      ? host.helpers.httpRequest({ ...options, headers: others })
      : host.helpers.httpRequestWithAuthentication.call(stoppedBy(host, signal), credential, {
          ...options,
          headers: others,
        });
  const response = await sent.catch((cause: unknown) => {
    const refusal = refusalOfN8n(cause);
    throw refusal === null ? requestFailure(cause) : new TransportError(refusal, false, { cause, refused: true });
  });
  return response as IN8nHttpFullResponse;
}

/**
 * n8n's own errors, of a credential, an expression or its protection against requests to private networks. Not those that it throws of
 * what it did not expect: in doubt a request went out.
 */
const ERRORS_OF_N8N = /^(Ssrf\w*|UserError|OperationalError|ExpressionError|NodeOperationError|Credential\w*)$/;

/** Why n8n itself let a request not go out, so that nothing can have been billed; null where it went out, or may have. */
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
 * `httpRequestWithAuthentication` listens to the signal of the execution alone, whatever it is given. Seen through this, that signal is
 * the call's, which the execution's aborts as well: else a request whose time is over would stay open for as long as the server likes.
 */
function stoppedBy(host: N8nHost, signal: AbortSignal): IExecuteFunctions {
  const seen: unknown = Object.create(host, { getExecutionCancelSignal: { value: () => signal } });
  return seen as IExecuteFunctions;
}

/** One piece: n8n's client takes no stream that a node can make. */
async function wholeOf(body: RequestBody): Promise<Buffer> {
  const whole = Buffer.allocUnsafe(body.length);
  let at = 0;
  for await (const chunk of body.chunks()) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/** By hand: a generator cannot be ended before it has begun, and then the connection would stay open. */
function bodyOf(stream: NodeStream, connection: AbortController): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      const chunks = stream[Symbol.asyncIterator]();
      return {
        next: () => chunks.next().catch((cause: unknown) => Promise.reject(bodyFailure(cause))),
        async return() {
          // What n8n hands out is a stream around the answer: to end it leaves the connection open.
          connection.abort();
          await chunks.return?.().catch(() => undefined);
          return { done: true, value: undefined };
        },
      };
    },
  };
}
