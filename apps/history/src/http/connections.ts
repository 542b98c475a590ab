import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { endRefused, refuseMalformed } from './client-error.ts';

export interface ConnectionLimits {
  /** Connections at the same time. */
  readonly most: number;
  /** How long a client may read nothing of a response. */
  readonly responseStallMs: number;
  /** How long the headers of a request may take, and the first byte on a connection. */
  readonly headersMs: number;
}

/** Default of `headersMs`. */
export const HEADERS_LIMIT_MS = 20_000;

/** Interval of the warning that the ceiling is reached: a flood of connections must not become a flood of lines. */
const WARN_INTERVAL_MS = 60_000;

interface State {
  /** Requests whose responses have not ended. */
  responses: number;
  latest: { readonly request: IncomingMessage; readonly response: ServerResponse } | null;
  /** Whether the client has sent something that is not HTTP: nothing after it is read. */
  isBroken: boolean;
}

/**
 * The connections of the server. At the ceiling, those that no request has come on make room, the oldest first, then those that wait for
 * their next request. A client that does not read its response loses its connection, and what is buffered for it.
 */
export class Connections {
  readonly #limits: ConnectionLimits;
  readonly #logger: Logger;
  readonly #states = new Map<Socket, State>();
  /** Clients open connections ahead of time, and `closeIdleConnections` does not count those as idle. */
  readonly #unused = new Set<Socket>();
  #lastWarning = Number.NEGATIVE_INFINITY;

  constructor(server: Server, limits: ConnectionLimits, logger: Logger) {
    this.#limits = limits;
    this.#logger = logger;
    server.prependListener('connection', (socket: Socket) => this.#onConnection(socket));
    server.prependListener('request', (request: IncomingMessage, response: ServerResponse) =>
      this.#onRequest(request, response),
    );
    // Node measures the progress of a write in bytes that the system has taken, not in whole writes.
    server.setTimeout(limits.responseStallMs, (socket: Socket) => this.#onQuiet(socket));
  }

  /** Requests on a connection whose responses have not ended: more than one if the client sends without waiting. */
  pendingOn(socket: Socket): number {
    return this.#states.get(socket)?.responses ?? 0;
  }

  /** Handles what the parser of Node refuses: what is not HTTP, and requests that arrive too slowly. */
  onClientError(error: NodeJS.ErrnoException, socket: Socket): void {
    const state = this.#states.get(socket);
    if (error.code === 'ECONNRESET' || socket.destroyed || state === undefined) return void socket.destroy();
    // Each further chunk is refused again.
    if (state.isBroken) return;
    state.isBroken = true;
    if (state.responses === 0) return this.#refuse(error, socket);
    const { request, response } = state.latest ?? {};
    // What follows a complete request must not cost its sender the response, which may be a paid one.
    if (request?.complete === true) return;
    if (state.responses === 1 && response?.headersSent === false) this.#refuse(error, socket);
    else socket.destroy();
  }

  closeUnused(): void {
    for (const socket of this.#unused) if (socket.bytesRead === 0) socket.destroy();
  }

  #refuse(error: NodeJS.ErrnoException, socket: Socket): void {
    refuseMalformed(error, socket, this.#limits.headersMs, this.#logger);
  }

  #onConnection(socket: Socket): void {
    if (this.#states.size >= this.#limits.most) this.#makeRoom();
    if (this.#states.size >= this.#limits.most) return void socket.destroy();
    this.#states.set(socket, { responses: 0, latest: null, isBroken: false });
    this.#unused.add(socket);
    socket.once('close', () => this.#forget(socket));
  }

  #makeRoom(): void {
    const [oldest] = this.#unused;
    if (oldest === undefined) {
      for (const [socket, { responses }] of this.#states) if (responses === 0) this.#drop(socket);
    } else this.#drop(oldest);
    const now = performance.now();
    if (now - this.#lastWarning < WARN_INTERVAL_MS) return;
    this.#lastWarning = now;
    this.#logger.warn(
      { connections: this.#limits.most },
      'the ceiling of connections is reached: those without a request are closed, others are refused',
    );
  }

  /** Not only when it has closed, which is later: the next connection may already be here. */
  #drop(socket: Socket): void {
    this.#forget(socket);
    socket.destroy();
  }

  #forget(socket: Socket): void {
    this.#states.delete(socket);
    this.#unused.delete(socket);
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    this.#unused.delete(socket);
    const state = this.#states.get(socket);
    if (state === undefined) return;
    state.responses++;
    state.latest = { request, response };
    response.once('close', () => {
      state.responses--;
      if (state.isBroken && state.responses === 0) endRefused(socket);
    });
  }

  /** Nothing was sent or received for a while: by a client that waits for its response, does not read it, or has no more requests. */
  #onQuiet(socket: Socket): void {
    const isUnread = socket.writableLength > 0;
    if (this.pendingOn(socket) > 0 && !isUnread) return void socket.setTimeout(this.#limits.responseStallMs);
    if (isUnread)
      this.#logger.info(
        { bytes: socket.writableLength, stall_ms: this.#limits.responseStallMs },
        'a client did not read its response for too long: its connection is closed',
      );
    socket.destroy();
  }
}
