import type { IncomingMessage } from 'node:http';
import { PayloadTooLargeException, UnsupportedMediaTypeException } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Where input images come in, so that nobody may hold a whole body: their handlers get the stream. */
const JSON_STREAMS: ReadonlySet<string> = new Set(['/v1/images/generations', '/v1/images/edits']);
const FORM_STREAMS: ReadonlySet<string> = new Set(['/v1/images/edits']);

/** Of a body that is read whole. */
const MAX_WHOLE_BYTES = 1024 * 1024;

/** JSON is the only body, but on some routes. */
export function parseBodies(fastify: FastifyInstance): void {
  // A form or a script of another page can send text without asking; JSON it cannot.
  fastify.removeContentTypeParser('text/plain');
  const parseJson = fastify.getDefaultJsonParser('error', 'error');
  fastify.removeContentTypeParser('application/json');
  fastify.addContentTypeParser('application/json', async (request: FastifyRequest, payload: IncomingMessage) => {
    if (JSON_STREAMS.has(routeOf(request))) return payload;
    const text = await wholeText(payload);
    return new Promise<unknown>((resolve, reject) => {
      void parseJson(request, text, (error, body: unknown) => (error ? reject(error) : resolve(body)));
    });
  });
  // Where no key is asked for, what keeps the forms of other pages out is their origin: see `local-access.ts`.
  fastify.addContentTypeParser('multipart/form-data', async (request: FastifyRequest, payload: IncomingMessage) => {
    if (FORM_STREAMS.has(routeOf(request))) return payload;
    throw new UnsupportedMediaTypeException();
  });
}

async function wholeText(payload: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of payload) {
    length += chunk.length;
    if (length > MAX_WHOLE_BYTES) throw new PayloadTooLargeException();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function routeOf(request: FastifyRequest): string {
  return request.routeOptions.url ?? '';
}
