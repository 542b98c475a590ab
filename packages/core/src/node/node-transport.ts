import process from 'node:process';
import type { LookupAddress, LookupOptions } from 'node:dns';
import { lookup } from 'node:dns';
import { Agent as HttpAgent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { LookupFunction, Socket } from 'node:net';
import { finished, pipeline, type Readable } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { hostProblem, isPublicAddress } from '../transport/public-address.ts';
import {
  transportError,
  TransportError,
  type RequestBody,
  type Transport,
  type TransportRequest,
  type TransportResponse,
} from '../transport/transport.ts';

/** A host that does not answer a SYN in this time will not answer it later either. */
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * How long an idle connection is kept. Shorter than any common server keeps it (Node 5 s, others longer):
 * a request on a connection that the server is just closing ends with an unknown outcome.
 */
const KEEP_ALIVE_MS = 4_000;

/**
 * Deno sends a request again by itself, a POST too, when a connection that was kept is cut under it. So there each request has
 * a connection of its own, on which there is nothing to be sent again.
 */
const KEEPS_ALIVE = !('deno' in process.versions);

/**
 * A transport over Node's own HTTP client, because its fetch gives up after 300 s without headers, whatever the caller's time limit is.
 * It knows from the socket whether a connection was ever made, and sends bodies as they are made.
 */
export function createNodeTransport(): Transport {
  const everywhere = agents();
  const guarded = agents(publicLookup);
  /** Throws what Node does not take: a URL, a header. */
  const open = (request: TransportRequest): ClientRequest => {
    const url = new URL(request.url);
    const problem = request.publicOnly ? hostProblem(url) : null;
    if (problem !== null) throw new Error(problem);
    const agent = (request.publicOnly ? guarded : everywhere)[url.protocol];
    if (!agent) throw new Error(`${url.protocol} is no web address`);
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    return send(url, { method: request.method, headers: headersOf(request), agent });
  };
  return (request) =>
    new Promise((resolve, reject) => {
      if (request.signal.aborted) return reject(new TransportError('It was canceled', false));
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
    // Images do not get smaller, and base64 of them costs more to unpack than to send.
    'accept-encoding': 'identity',
    ...headers,
    ...(body && { 'content-length': String(body.length) }),
  };
}

/** One request and its answer. */
class Exchange {
  readonly #request: ClientRequest;
  readonly #given: TransportRequest;
  #connected = false;
  #responded = false;

  constructor(request: ClientRequest, given: TransportRequest) {
    this.#request = request;
    this.#given = given;
  }

  start(resolve: (response: TransportResponse) => void, reject: (error: TransportError) => void): void {
    const { signal, body } = this.#given;
    const abort = (): void => void this.#request.destroy(new Error('It was canceled'));
    signal.addEventListener('abort', abort, { once: true });
    this.#request.once('close', () => {
      signal.removeEventListener('abort', abort);
      // Where there was neither an answer nor an error: a server that switches protocols, for one.
      if (!this.#responded) reject(transportError('it was closed without an answer', this.#connected));
    });
    this.#request.once('socket', (socket) => this.#watch(socket));
    this.#request.once('response', (response) => {
      this.#responded = true;
      // Whoever reads the body sees it; when nobody is reading just then, it must not end the process.
      response.on('error', () => undefined);
      resolve({ status: response.statusCode ?? 0, headers: plainHeaders(response), body: this.#bodyOf(response) });
    });
    // Stays for good: a connection may break again while its answer is being read.
    this.#request.on('error', (cause) => reject(this.#failure(cause)));
    void this.#send(body);
  }

  /** For TLS there is a connection only when it is secure. */
  #watch(socket: Socket): void {
    const secure = 'encrypted' in socket && (socket as TLSSocket).encrypted;
    if (this.#request.reusedSocket) {
      this.#connected = true;
      return;
    }
    // Between an answer that has come whole and its reader, Node listens to the socket no more, and an error would end the process.
    socket.on('error', () => undefined);
    const timer = setTimeout(() => this.#request.destroy(new Error('connecting took too long')), CONNECT_TIMEOUT_MS);
    const done = (): void => clearTimeout(timer);
    socket.once(secure ? 'secureConnect' : 'connect', () => {
      this.#connected = true;
      done();
    });
    socket.once('close', done);
  }

  /** Never rejects: what breaks is the request's own error. */
  async #send(body: RequestBody | null): Promise<void> {
    const request = this.#request;
    try {
      let left = body?.length ?? 0;
      for await (const chunk of body?.chunks() ?? []) {
        if (request.destroyed || this.#responded) break;
        left -= chunk.length;
        // What is too long would be taken for another request.
        if (left < 0) throw new Error('it is longer than it said');
        if (!request.write(chunk)) await this.#drained();
      }
      if (left > 0 && !request.destroyed && !this.#responded) throw new Error('it is shorter than it said');
      // Responded before all was sent: the server wants no more, and the rest would only break the connection.
      if (!this.#responded || body === null) request.end();
    } catch (cause) {
      request.destroy(new BodyFailure('The body could not be made', { cause }));
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

  /** By hand, chunk by chunk as they come off the socket: a stream's own iterator would join those that wait, and copy them. */
  #bodyOf(response: IncomingMessage): AsyncIterable<Uint8Array> {
    const chunks = arriving(decompressed(response));
    const next = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
      try {
        const value = await chunks();
        if (value !== null) return { done: false, value };
      } catch (cause) {
        throw this.#failure(cause);
      }
      // Responded before all was sent: the rest would be taken for the next request on this connection.
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

/** Chunks that may wait for their reader before the socket is told to wait as well. */
const MOST_WAITING = 4;

/** The chunks of a stream, one at each call; null at its end. */
function arriving(stream: Readable): () => Promise<Uint8Array | null> {
  const waiting: Uint8Array[] = [];
  const state: { ended: boolean; cause: unknown } = { ended: false, cause: null };
  let wake = (): void => undefined;
  stream.on('data', (chunk: Uint8Array) => {
    if (waiting.push(chunk) >= MOST_WAITING) stream.pause();
    wake();
  });
  finished(stream, (cause) => {
    Object.assign(state, { ended: true, cause: cause ?? null });
    wake();
  });
  return async () => {
    while (waiting.length === 0 && !state.ended) {
      stream.resume();
      await new Promise<void>((resolve) => (wake = resolve));
    }
    const chunk = waiting.shift();
    if (chunk === undefined && state.cause !== null) throw state.cause;
    return chunk ?? null;
  };
}

/** Some hosts compress although nobody asked. */
function decompressed(response: IncomingMessage): Readable {
  const encoding = response.headers['content-encoding']?.toLowerCase() ?? 'identity';
  const decoder =
    encoding === 'gzip' || encoding === 'x-gzip'
      ? createGunzip()
      : encoding === 'br'
        ? createBrotliDecompress()
        : encoding === 'deflate'
          ? createInflate()
          : null;
  if (decoder === null) return response;
  // Its error reaches whoever reads the decoder.
  return pipeline(response, decoder, () => undefined);
}

function plainHeaders(response: IncomingMessage): Record<string, string> {
  const entries = Object.entries(response.headers).map(([name, value]) => [name, [value].flat().join(', ')] as const);
  return Object.fromEntries(entries);
}

class NotPublic extends Error {}

/** Of the caller's making, not the network's. */
class BodyFailure extends Error {}

/**
 * Looks a name up and refuses every address that is not public. The connection goes to the very address that was checked,
 * so a name cannot be rebound in between.
 */
const publicLookup: LookupFunction = (hostname, options: LookupOptions, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    if (error) return callback(error, []);
    const [first, ...others] = addresses;
    const forbidden = addresses.find(({ address }) => !isPublicAddress(address));
    if (forbidden || !first) {
      const address = forbidden?.address ?? 'no address';
      return callback(new NotPublic(`${hostname} is at ${address}, which is not on the public internet`), []);
    }
    if (options.all) callback(null, [first, ...others]);
    else callback(null, first.address, first.family);
  });
};
