import type { IncomingMessage } from 'node:http';
import { PayloadTooLargeException, UnsupportedMediaTypeException } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { checkJsonSize, jsonSizeOf } from '../domain/json-size.ts';
import { arrivingChunks } from './arriving-body.ts';
import { charsetOf, decodeUtf8 } from './body-text.ts';
import { decodedChunks } from './content-encoding.ts';

/** Routes that receive input images. Their bodies are too large to buffer, so the handlers get the stream. */
const JSON_STREAMS: ReadonlySet<string> = new Set([
  '/v1/images/generations',
  '/v1/images/edits',
  '/v1/generations/:id/rerun',
]);
const FORM_STREAMS: ReadonlySet<string> = new Set(['/v1/images/edits']);

/** Maximum size of a body that is buffered. */
const MAX_BUFFERED_BYTES = 1024 * 1024;

/** Accepts JSON on every route, and forms on those in {@link FORM_STREAMS}. `stallMs`: how long a body may fall behind its minimum rate. */
export function parseBodies(fastify: FastifyInstance, stallMs: number): void {
  // A page of another origin can send `text/plain` without a CORS preflight, but not JSON.
  fastify.removeContentTypeParser('text/plain');
  const parseJson = fastify.getDefaultJsonParser('error', 'error');
  fastify.removeContentTypeParser('application/json');
  fastify.addContentTypeParser('application/json', async (request: FastifyRequest, payload: IncomingMessage) => {
    if (JSON_STREAMS.has(routeOf(request))) return payload;
    const bytes = await bytesOf(decodedChunks(arrivingChunks(payload, stallMs), payload.headers['content-encoding']));
    const text = decodeUtf8(bytes, charsetOf(payload.headers['content-type'] ?? ''));
    const body = await new Promise<unknown>((resolve, reject) => {
      void parseJson(request, text, (error, parsed: unknown) => (error ? reject(error) : resolve(parsed)));
    });
    checkJsonSize(jsonSizeOf(body));
    return body;
  });
  // Forms of other origins need no preflight either; a service without keys refuses them by their origin, see `local-access.ts`.
  fastify.addContentTypeParser('multipart/form-data', async (request: FastifyRequest, payload: IncomingMessage) => {
    if (FORM_STREAMS.has(routeOf(request))) return payload;
    throw new UnsupportedMediaTypeException();
  });
}

async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > MAX_BUFFERED_BYTES) throw new PayloadTooLargeException();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function routeOf(request: FastifyRequest): string {
  return request.routeOptions.url ?? '';
}
