import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { isAllowedPreflight, preflightHeaders, setCorsHeaders } from '../http/cors.ts';
import { needOf } from '../http/route-access.ts';
import { MAX_HEADER_BYTES } from '../http/client-error.ts';
import { Connections, type ConnectionLimits } from '../http/connections.ts';
import { isOtherFile } from '../http/documentation-files.ts';
import { noSuchRoute, ROUTER_OPTIONS, type Routes } from '../http/routes.ts';
import { shownPath } from '../http/shown-path.ts';
import { responseWhileBodyArrives } from '../http/unread-body.ts';
import { checkAccess, type RequestAccess } from '../access/request-access.ts';
import { ApiError } from '../domain/api-error.ts';
import { SHUTTING_DOWN } from '../domain/closing.ts';
import { responseOf } from '../http/error-response.ts';
import { requestIdOf } from '../http/request-id.ts';
import { setSecurityHeaders } from '../http/security-headers.ts';
import { parseBodies } from '../http/streamed-bodies.ts';
import { setVersionHeader } from '../http/version-header.ts';
import { withNewContext } from '../telemetry/context.ts';

/** Maximum time for a request to arrive, including its body. The response may take as long as the upstream does. */
const ARRIVAL_LIMIT_MS = 15 * 60_000;

/** Node looks only once per interval for connections whose time is over. */
const CHECK_INTERVAL_MS = 1000;

/** Requests that a client may send on one connection without waiting for responses, which are buffered until it reads them. */
const MOST_PIPELINED = 16;

export interface HttpOptions extends RequestAccess {
  readonly logger: Logger;
  /** Whether the service is shutting down and accepts no new requests. */
  readonly isClosing: () => boolean;
  /** Filled while routes are registered. */
  readonly routes: Routes;
  readonly limits: ConnectionLimits;
  /** How long a request body may fall behind its minimum rate. */
  readonly uploadStallMs: number;
}

export interface HttpServer {
  readonly adapter: FastifyAdapter;
  readonly connections: Connections;
}

/** Fastify with what applies to every route: ids, log context, security headers, access, and body parsers. */
export function createHttpServer(options: HttpOptions): HttpServer {
  const adapter = new FastifyAdapter({
    requestTimeout: ARRIVAL_LIMIT_MS,
    http: {
      headersTimeout: options.limits.headersMs,
      connectionsCheckingInterval: CHECK_INTERVAL_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
    },
    routerOptions: ROUTER_OPTIONS,
    clientErrorHandler: (error, socket) => connections.onClientError(error, socket),
    genReqId: requestIdOf,
    forceCloseConnections: 'idle',
    // Fastify's own 503 does not have the shape of our errors; `admit` refuses instead.
    return503OnClosing: false,
    // For requests that reach neither a route nor a hook: a malformed percent-encoding, a parameter that is far too long.
    frameworkErrors: (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
      describeResponse(request, reply, options);
      const { status, headers, body } = responseOf(error);
      void reply.status(status).headers(headers).type('application/json; charset=utf-8');
      // No hook runs either.
      void reply.send(responseWhileBodyArrives(request.raw, reply, JSON.stringify(body)));
    },
  });
  const fastify = adapter.getInstance();
  const connections: Connections = new Connections(fastify.server, options.limits, options.logger);
  fastify.addHook('onRoute', ({ method, url, config }) => {
    for (const one of [method].flat()) options.routes.add({ method: one, url, need: needOf(url, config) });
  });
  // Not an async hook: only what `done` calls runs in the context.
  fastify.addHook('onRequest', (request, reply, done) => {
    describeResponse(request, reply, options);
    withNewContext({ requestId: request.id }, done);
  });
  // Before the body is read: a request that is refused must not make the service buffer 260 MB.
  fastify.addHook('onRequest', async (request, reply) => {
    if (isAllowedPreflight(request.raw, options.corsOrigins)) {
      await reply.status(204).headers(preflightHeaders(request.raw)).send();
      return;
    }
    try {
      if (connections.pendingOn(request.raw.socket) > MOST_PIPELINED) throw tooManyPipelined();
      await admit(request, options);
    } catch (error) {
      if (error !== SHUTTING_DOWN && responseOf(error).status >= 500)
        options.logger.error({ err: error }, 'access check failed');
      await sendError(reply, error);
    }
  });
  fastify.addHook('onResponse', async (request, reply) => {
    const path = shownPath(request.url);
    const duration_ms = Math.round(reply.elapsedTime);
    const generationId = reply.getHeader('x-generation-id');
    const context = { requestId: request.id, ...(typeof generationId === 'string' ? { generationId } : {}) };
    // In a new context: when a connection ends, this may run in the context of another request on it.
    withNewContext(context, () =>
      options.logger.info({ method: request.method, path, status: reply.statusCode, duration_ms }, 'request completed'),
    );
  });
  fastify.addHook('onSend', (request, reply, payload, done) => {
    done(null, responseWhileBodyArrives(request.raw, reply, payload));
  });
  parseBodies(fastify, options.uploadStallMs);
  return { adapter, connections };
}

/** Sets the headers that every response has. */
function describeResponse(request: FastifyRequest, reply: FastifyReply, { corsOrigins }: HttpOptions): void {
  void reply.header('x-request-id', request.id);
  setVersionHeader(reply.raw);
  setCorsHeaders(request.raw, reply.raw, corsOrigins);
  setSecurityHeaders(request.routeOptions.url, request.raw, reply.raw);
  // The upgrade is not made, so what the client sends next is no request.
  if (request.raw.headers.upgrade !== undefined) reply.raw.setHeader('connection', 'close');
}

/** Throws the response of a request that the service does not accept, and sets the caller of any other. */
async function admit(request: FastifyRequest, options: HttpOptions): Promise<void> {
  if (options.isClosing()) throw SHUTTING_DOWN;
  await checkAccess(request, options);
  if (isOtherFile(request.routeOptions.url, request.url)) throw noSuchRoute(request.method, request.url, []);
}

function sendError(reply: FastifyReply, error: unknown): FastifyReply {
  const { status, headers, body } = responseOf(error);
  return reply.status(status).headers(headers).send(body);
}

function tooManyPipelined(): ApiError {
  return new ApiError(
    `More than ${MOST_PIPELINED} requests on this connection wait for their responses. Nothing was sent. Read them, or use more connections.`,
    {
      status: 503,
      type: 'server_error',
      code: 'too_many_pipelined',
      headers: { 'retry-after': '1', connection: 'close' },
    },
  );
}
