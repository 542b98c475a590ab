import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { localAccessProblem } from '../access/local-access.ts';
import { ApiError } from './api-error.ts';
import { answerOf } from './error-answer.ts';
import { requestIdOf } from './request-id.ts';
import type { ServiceAddress } from './service-address.ts';

/** Nine inputs of 20 MB as base64, and room for the rest. */
const BODY_LIMIT = 260 * 1024 * 1024;

export interface HttpOptions {
  /** Whether no key is asked for, so that web pages have to be kept out. */
  readonly keyless: boolean;
  readonly address: ServiceAddress;
  readonly logger: Logger;
}

/** Fastify with what holds for every route: ids, logs, the guard against web pages, and JSON as the only body. */
export function createFastifyAdapter({ keyless, address, logger }: HttpOptions): FastifyAdapter {
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT,
    genReqId: requestIdOf,
    // While it closes, what is in flight ends; connections without work are let go at once.
    forceCloseConnections: 'idle',
    return503OnClosing: true,
    // The time limit of a generation is the upstream client's alone.
    requestTimeout: 0,
  });
  const fastify = adapter.getInstance();
  fastify.addHook('onRequest', async (request, reply) => {
    void reply.header('x-request-id', request.id);
    const { host, origin } = request.headers;
    const secFetchSite = request.headers['sec-fetch-site'];
    const problem = keyless
      ? localAccessProblem(
          {
            method: request.method,
            host,
            origin,
            secFetchSite: typeof secFetchSite === 'string' ? secFetchSite : undefined,
          },
          address.publicUrl,
        )
      : null;
    if (problem === null) return;
    const { status, body } = answerOf(
      new ApiError(problem, { status: 403, type: 'permission_error', code: 'foreign_page' }),
    );
    await reply.status(status).send(body);
  });
  fastify.addHook('onResponse', async (request, reply) => {
    const path = request.url.split('?')[0];
    const duration_ms = Math.round(reply.elapsedTime);
    logger.info(
      { request_id: request.id, method: request.method, path, status: reply.statusCode, duration_ms },
      'answered',
    );
  });
  // A form or a script of another page can send text without asking; JSON it cannot.
  fastify.removeContentTypeParser('text/plain');
  return adapter;
}
