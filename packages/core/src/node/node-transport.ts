import process from 'node:process';
import { Agent as HttpAgent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { LookupFunction, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { hostProblem } from '../transport/public-address.ts';
import {
  transportError,
  TransportError,
  type RequestBody,
  type Transport,
  type TransportRequest,
  type TransportResponse,
} from '../transport/transport.ts';
import { NotPublic, publicLookup } from './public-lookup.ts';
import { chunksOf } from './response-chunks.ts';

/** A host that does not respond to a SYN within this time will not respond later either. */
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * How long an idle connection is kept open: less than common servers keep it (Node 5 s, others longer), because a request on a
 * connection that the server is closing at that moment ends with an unknown outcome.
 */
const KEEP_ALIVE_MS = 4_000;

/**
 * All headers of a response together. Node's default is 16 KB, which some proxies exceed, and then the outcome of a paid request would be
 * unknown.
 */
const MAX_HEADER_BYTES = 128 * 1024;

/**
 * Deno retries a request by itself, even a POST, when a reused connection breaks. So on Deno each request has its own connection,
 * on which nothing is retried.
 */
const KEEPS_ALIVE = !('deno' in process.versions);

/**
 * A transport over Node's own HTTP client, because Node's fetch gives up after 300 s without headers, whatever the timeout of the call.
 * It knows from the socket whether a connection was made, and streams request bodies.
 */
export function createNodeTransport(): Transport {
  const everywhere = agents();
  const guarded = agents(publicLookup);
  /** Throws if Node refuses the URL or a header. */
  const open = (request: TransportRequest): ClientRequest => {
    const url = new URL(request.url);
    const problem = request.publicOnly ? hostProblem(url) : null;
    if (problem !== null) throw new Error(problem);
    const agent = (request.publicOnly ? guarded : everywhere)[url.protocol];
    if (!agent) throw new Error(`${url.protocol} is not http: or https:`);
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    return send(url, { method: request.method, headers: headersOf(request), agent, maxHeaderSize: MAX_HEADER_BYTES });
  };
  return (request) =>
    new Promise((resolve, reject) => {
      if (request.signal.aborted) return reject(new TransportError('The request was canceled', false));
      let outgoing: ClientRequest;
      try {
        outgoing = open(request);
      } catch (cause) {
        return reject(new TransportError((cause as Error).message, false, { cause, refused: true }));
      }
      new Exchange(outgoing, request).start(resolve, reject);
    });
}

function agents(only?: LookupFunction): Readonly<Record<string, HttpAgent>> {
  const options = { keepAlive: KEEPS_ALIVE, timeout: KEEP_ALIVE_MS, ...(only && { lookup: only }) };
  return { 'http:': new HttpAgent(options), 'https:': new HttpsAgent(options) };
}

function headersOf({ headers, body }: TransportRequest): Record<string, string> {
  return {
    // Images are already compressed, and base64 of them costs more to decompress than to send.
    'accept-encoding': 'identity',
    ...headers,
    ...(body && { 'content-length': String(body.length) }),
  };
}

/** One request and its response. */
class Exchange {
  readonly #request: ClientRequest;
  readonly #options: TransportRequest;
  #connected = false;
  #responded = false;

  constructor(request: ClientRequest, options: TransportRequest) {
    this.#request = request;
    this.#options = options;
  }

  start(resolve: (response: TransportResponse) => void, reject: (error: TransportError) => void): void {
    const { signal, body } = this.#options;
    const abort = (): void => void this.#request.destroy(new Error('canceled'));
    signal.addEventListener('abort', abort, { once: true });
    this.#request.once('close', () => {
      signal.removeEventListener('abort', abort);
      // Without a response or an error before, for example if the server switches protocols.
      if (!this.#responded) reject(transportError('closed without a response', this.#connected));
    });
    this.#request.once('socket', (socket) => this.#watch(socket));
    this.#request.once('response', (response) => {
      this.#responded = true;
      // The reader of the body gets the error. Without a reader it must not end the process.
      response.on('error', () => undefined);
      resolve({ status: response.statusCode ?? 0, headers: plainHeaders(response), body: this.#bodyOf(response) });
    });
    // Never removed: a connection may still break while its response is read.
    this.#request.on('error', (cause) => reject(this.#failure(cause)));
    void this.#send(body);
  }

  /** With TLS, a connection counts as made when it is secure. */
  #watch(socket: Socket): void {
    const secure = 'encrypted' in socket && (socket as TLSSocket).encrypted;
    if (this.#request.reusedSocket) {
      this.#connected = true;
      return;
    }
    // After a complete response, Node no longer handles errors of the socket, and one would end the process.
    socket.on('error', () => undefined);
    const timer = setTimeout(() => this.#request.destroy(new Error('connect timeout')), CONNECT_TIMEOUT_MS);
    const done = (): void => clearTimeout(timer);
    socket.once(secure ? 'secureConnect' : 'connect', () => {
      this.#connected = true;
      done();
    });
    socket.once('close', done);
  }

  /** Never rejects: a failure destroys the request with an error. */
  async #send(body: RequestBody | null): Promise<void> {
    const request = this.#request;
    try {
      let remaining = body?.length ?? 0;
      for await (const chunk of body?.chunks() ?? []) {
        if (request.destroyed || this.#responded) break;
        remaining -= chunk.length;
        // The server would read the surplus as another request.
        if (remaining < 0) throw new Error('longer than its length');
        if (!request.write(chunk)) await this.#drained();
      }
      if (remaining > 0 && !request.destroyed && !this.#responded) throw new Error('shorter than its length');
      // The server responded before the end of the body. It does not read the rest, which would only break the connection.
      if (!this.#responded || body === null) request.end();
    } catch (cause) {
      request.destroy(new BodyFailure('The request body could not be read', { cause }));
    }
  }

  #drained(): Promise<void> {
    const request = this.#request;
    return new Promise((resolve) => {
      const events = ['drain', 'close', 'response'];
      const done = (): void => {
        for (const event of events) request.off(event, done);
        resolve();
      };
      for (const event of events) request.on(event, done);
    });
  }

  /** Yields chunks as they come off the socket. The iterator of a stream would join waiting chunks, which copies them. */
  #bodyOf(response: IncomingMessage): AsyncIterable<Uint8Array> {
    const chunks = chunksOf(response);
    const next = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
      try {
        const value = await chunks();
        if (value !== null) return { done: false, value };
      } catch (cause) {
        throw this.#failure(cause);
      }
      // The server responded before the end of the body. It would read the rest as the next request on this connection.
      if (!this.#request.writableFinished) this.#request.destroy();
      return { done: true, value: undefined };
    };
    const end = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
      this.#request.destroy();
      return { done: true, value: undefined };
    };
    return { [Symbol.asyncIterator]: () => ({ next, return: end }) };
  }

  #failure(cause: unknown): TransportError {
    if (cause instanceof NotPublic) return new TransportError(cause.message, false, { cause, refused: true });
    if (cause instanceof BodyFailure) {
      const message = `${cause.message} (${(cause.cause as Error).message})`;
      return new TransportError(message, this.#connected, { cause, refused: !this.#connected });
    }
    const { code, message } = cause as NodeJS.ErrnoException;
    return transportError(code ?? message, this.#connected, cause);
  }
}

function plainHeaders(response: IncomingMessage): Record<string, string> {
  const entries = Object.entries(response.headers).map(([name, value]) => [name, [value].flat().join(', ')] as const);
  return Object.fromEntries(entries);
}

/** A failure of the request body, not of the network. */
class BodyFailure extends Error {}
