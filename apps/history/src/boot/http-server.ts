import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { KeyCheck } from '../access/key-check.ts';
import { needOf, type AccessNeed } from '../access/access.ts';
import { setCaller } from '../access/caller.ts';
import { localAccessProblem } from '../access/local-access.ts';
import { ApiError } from '../domain/api-error.ts';
import { SHUTTING_DOWN } from '../domain/closing.ts';
import { responseOf } from '../http/error-response.ts';
import { requestIdOf } from '../http/request-id.ts';
import type { ServiceAddress } from '../links/service-address.ts';
import { parseBodies } from '../http/streamed-bodies.ts';

/** How long a request may take to arrive, body included; the answer may take as long as the upstream does. */
const ARRIVAL_LIMIT_MS = 15 * 60_000;

export interface HttpOptions {
  /** Whether no key is asked for, so that web pages have to be kept out. */
  readonly keyless: boolean;
  readonly keyCheck: KeyCheck;
  readonly address: ServiceAddress;
  readonly logger: Logger;
  /** Whether the service is on its way down and takes no more work. */
  readonly isClosing: () => boolean;
  /** Is told of every route, as it is registered. */
  readonly onRoute: (route: Route) => void;
}

export interface Route {
  readonly method: string;
  /** Its pattern, such as `/v1/generations/:id`. */
  readonly url: string;
  readonly need: AccessNeed;
}

/** Fastify with what holds for every route: ids, logs, who may come in, and what bodies there are. */
export function createFastifyAdapter(options: HttpOptions): FastifyAdapter {
  const adapter = new FastifyAdapter({
    requestTimeout: ARRIVAL_LIMIT_MS,
    genReqId: requestIdOf,
    forceCloseConnections: 'idle',
    // Fastify's own 503 is not of our shape; the hook below answers instead.
    return503OnClosing: false,
    // Requests that come to no route: a broken percent sign, a parameter that is far too long.
    frameworkErrors: (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
      void sendError(request, reply, error);
    },
  });
  const fastify = adapter.getInstance();
  fastify.addHook('onRoute', ({ method, url, config }) => {
    for (const one of [method].flat()) options.onRoute({ method: one, url, need: needOf(url, config) });
  });
  // Before the body is read: nobody who may not come in makes us hold 260 MB.
  fastify.addHook('onRequest', async (request, reply) => {
    void reply.header('x-request-id', request.id);
    try {
      await admit(request, options);
    } catch (error) {
      if (error !== SHUTTING_DOWN && responseOf(error).status >= 500)
        options.logger.error({ request_id: request.id, err: error }, 'a request could not be let in');
      await sendError(request, reply, error);
    }
  });
  fastify.addHook('onResponse', async (request, reply) => {
    const path = request.url.split('?')[0];
    const duration_ms = Math.round(reply.elapsedTime);
    options.logger.info(
      { request_id: request.id, method: request.method, path, status: reply.statusCode, duration_ms },
      'answered',
    );
  });
  parseBodies(fastify);
  return adapter;
}

/** Lets a request in, with its caller; throws the answer to one that may not come in. */
async function admit(request: FastifyRequest, { keyless, keyCheck, address, isClosing }: HttpOptions): Promise<void> {
  if (isClosing()) throw SHUTTING_DOWN;
  if (keyless) refuseForeignPages(request, address.publicUrl);
  const { url, config } = request.routeOptions;
  // Where there is no route, any key gets to hear so.
  const need = url === undefined ? 'any key' : needOf(url, config);
  if (need !== 'public') setCaller(request, await keyCheck.admit(need, request.headers.authorization));
}

function refuseForeignPages(request: FastifyRequest, publicUrl: string): void {
  const { host, origin } = request.headers;
  const site = request.headers['sec-fetch-site'];
  const secFetchSite = typeof site === 'string' ? site : undefined;
  const problem = localAccessProblem({ method: request.method, host, origin, secFetchSite }, publicUrl);
  if (problem !== null) throw new ApiError(problem, { status: 403, type: 'permission_error', code: 'foreign_page' });
}

function sendError(request: FastifyRequest, reply: FastifyReply, error: unknown): FastifyReply {
  const { status, headers, body } = responseOf(error);
  return reply
    .status(status)
    .headers({ ...headers, 'x-request-id': request.id })
    .send(body);
}
