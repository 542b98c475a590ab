import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import { responseOf } from './error-response.ts';

/** Responds to every error in one shape, and logs the unexpected ones. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const { status, headers, body, unexpected } = responseOf(error);
    if (unexpected) this.logger.error({ err: error }, 'request failed');
    // A response that has started cannot become an error. Closing the connection shows the client that it is incomplete.
    if (reply.raw.headersSent) reply.raw.destroy();
    else void withoutImageHeaders(reply).status(status).headers(headers).type('application/json').send(body);
  }
}

/** A handler may throw after it has set the headers of an image. */
function withoutImageHeaders(reply: FastifyReply): FastifyReply {
  for (const name of ['etag', 'content-disposition', 'content-length', 'cache-control']) reply.removeHeader(name);
  return reply;
}
