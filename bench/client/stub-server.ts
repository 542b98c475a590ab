import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { hashesOf, responseLength, responseOf } from './images.ts';
import { shapeOf, type ResponseShape } from './task.ts';

/**
 * A server in its own process. The first segment of a path selects the response: `12x8` is 12 images of 8 MiB as base64, `url` is one URL.
 * `/12x8/hashes` returns the SHA-256 of the images, `/received` the length of the last request body.
 */
export interface StubServer {
  readonly url: string;
}

let received = 0;

const server = createServer((request, response) => {
  void respond(request, response).catch((error: unknown) => response.destroy(error as Error));
});

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, shape = '', rest = ''] = (request.url ?? '').split('/');
  if (shape === 'received') return sendJson(response, received);
  if (rest === 'hashes') return sendJson(response, hashesOf(shapeOf(shape)));
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) length += chunk.length;
  received = length;
  if (shape === 'url') sendJson(response, { created: 1_700_000_000, data: [{ url: 'https://images.example/1.png' }] });
  else await sendImages(response, shapeOf(shape));
}

function sendJson(response: ServerResponse, value: unknown): void {
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
}

async function sendImages(response: ServerResponse, shape: ResponseShape): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': responseLength(shape) });
  await pipeline(Readable.from(responseOf(shape)), response);
}

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  const ready: StubServer = { url: `http://127.0.0.1:${port}` };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
});
