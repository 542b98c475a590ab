import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { needOf, type AccessNeed } from '../http/route-access.ts';
import { setCaller } from '../http/caller.ts';
import { credentialOf } from '../http/credentials.ts';
import type { KeyCheck } from '../access/key-check.ts';
import { localAccessProblem } from '../access/local-access.ts';
import { ApiError } from '../domain/api-error.ts';
import { SHUTTING_DOWN } from '../domain/closing.ts';
import { responseOf } from '../http/error-response.ts';
import { requestIdOf } from '../http/request-id.ts';
import { setSecurityHeaders } from '../http/security-headers.ts';
import { parseBodies } from '../http/streamed-bodies.ts';
import { setVersionHeader } from '../http/version-header.ts';
import type { ServiceAddress } from '../links/service-address.ts';
import { withNewContext } from '../telemetry/context.ts';

/** Maximum time for a request to arrive, including its body. The response may take as long as the upstream does. */
const ARRIVAL_LIMIT_MS = 15 * 60_000;

export interface HttpOptions {
  /** Whether the service runs without keys, so that requests from web pages of other origins must be refused. */
  readonly keyless: boolean;
  readonly keyCheck: KeyCheck;
  readonly address: ServiceAddress;
  readonly logger: Logger;
  /** Whether the service is shutting down and accepts no new requests. */
  readonly isClosing: () => boolean;
  /** Called with each route when it is registered. */
  readonly onRoute: (route: Route) => void;
}

export interface Route {
  readonly method: string;
  /** The route pattern, such as `/v1/generations/:id`. */
  readonly url: string;
  readonly need: AccessNeed;
}

/** Fastify with what applies to every route: ids, log context, security headers, access, and body parsers. */
export function createFastifyAdapter(options: HttpOptions): FastifyAdapter {
  const adapter = new FastifyAdapter({
    requestTimeout: ARRIVAL_LIMIT_MS,
    genReqId: requestIdOf,
    forceCloseConnections: 'idle',
    // Fastify's own 503 does not have the shape of our errors; `admit` refuses instead.
    return503OnClosing: false,
    // For requests that reach neither a route nor a hook: a malformed percent-encoding, a parameter that is far too long.
    frameworkErrors: (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
      describeResponse(request, reply);
      void sendError(reply, error);
    },
  });
  const fastify = adapter.getInstance();
  fastify.addHook('onRoute', ({ method, url, config }) => {
    for (const one of [method].flat()) options.onRoute({ method: one, url, need: needOf(url, config) });
  });
  // Not an async hook: only what `done` calls runs in the context.
  fastify.addHook('onRequest', (request, reply, done) => {
    describeResponse(request, reply);
    withNewContext({ requestId: request.id }, done);
  });
  // Before the body is read: a request that is refused must not make the service buffer 260 MB.
  fastify.addHook('onRequest', async (request, reply) => {
    try {
      await admit(request, options);
    } catch (error) {
      if (error !== SHUTTING_DOWN && responseOf(error).status >= 500)
        options.logger.error({ err: error }, 'access check failed');
      await sendError(reply, error);
    }
  });
  fastify.addHook('onResponse', async (request, reply) => {
    const path = request.url.split('?')[0];
    const duration_ms = Math.round(reply.elapsedTime);
    const generationId = reply.getHeader('x-generation-id');
    const context = { requestId: request.id, ...(typeof generationId === 'string' ? { generationId } : {}) };
    // In a new context: when a connection ends, this may run in the context of another request on it.
    withNewContext(context, () =>
      options.logger.info({ method: request.method, path, status: reply.statusCode, duration_ms }, 'request completed'),
    );
  });
  parseBodies(fastify);
  return adapter;
}

/** Sets the headers that every response has. */
function describeResponse(request: FastifyRequest, reply: FastifyReply): void {
  void reply.header('x-request-id', request.id);
  setVersionHeader(reply.raw);
  setSecurityHeaders(request.routeOptions.url, request.raw, reply.raw);
}

/** Checks that a request may use its route, and sets its caller. Throws the error response otherwise. */
async function admit(request: FastifyRequest, { keyless, keyCheck, address, isClosing }: HttpOptions): Promise<void> {
  if (isClosing()) throw SHUTTING_DOWN;
  if (keyless) refuseForeignPages(request, address.publicUrl);
  const { url, config } = request.routeOptions;
  // Any key may learn that a route does not exist.
  const need = url === undefined ? 'any key' : needOf(url, config);
  if (need !== 'public') setCaller(request, await keyCheck.admit(need, credentialOf(request)));
}

function refuseForeignPages(request: FastifyRequest, publicUrl: string): void {
  const { host, origin } = request.headers;
  const site = request.headers['sec-fetch-site'];
  const secFetchSite = typeof site === 'string' ? site : undefined;
  const problem = localAccessProblem({ method: request.method, host, origin, secFetchSite }, publicUrl);
  if (problem !== null) throw new ApiError(problem, { status: 403, type: 'permission_error', code: 'foreign_page' });
}

function sendError(reply: FastifyReply, error: unknown): FastifyReply {
  const { status, headers, body } = responseOf(error);
  return reply.status(status).headers(headers).send(body);
}
