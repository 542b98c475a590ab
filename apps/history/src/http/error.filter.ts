import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import { responseOf } from './error-response.ts';

/** Writes every error in one shape, and logs those that are faults of ours. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const { status, headers, body, unexpected } = responseOf(error);
    if (unexpected) this.#logger.error({ request_id: reply.request.id, err: error }, 'a request broke');
    // An image that was being streamed cannot become an error any more; the connection is cut instead.
    if (reply.raw.headersSent) reply.raw.destroy();
    else void withoutImage(reply).status(status).headers(headers).type('application/json').send(body);
  }
}

/** An error may come after a route has begun to describe an image. */
function withoutImage(reply: FastifyReply): FastifyReply {
  for (const name of ['etag', 'content-disposition', 'content-length', 'cache-control']) reply.removeHeader(name);
  return reply;
}
