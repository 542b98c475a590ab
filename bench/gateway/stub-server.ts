import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { json } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NumberedImages } from './numbered-images.ts';
import { imagesOf, isResponseName, responseNameOf, RESPONSES, type ResponseName } from './responses.ts';

/**
 * The upstream of all sides, in a process of its own: it responds as the prompt selects (responses.ts), with URLs unless the request asks
 * for base64, and serves the images at those URLs. `/calls` returns the number of generations since the last request to it.
 */
export interface StubServer {
  readonly url: string;
}

let calls = 0;
let lastNumber = 0;
const canned = new Map<ResponseName, NumberedImages>();

const server = createServer((request, response) => {
  void respond(request, response).catch((error: unknown) => response.destroy(error as Error));
});

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, url = '', headers } = request;
  if (method === 'POST' && url === '/v1/images/generations') {
    return generate((await json(request)) as GenerationRequest, headers.host ?? '', response);
  }
  if (url === '/calls') {
    sendJson(response, calls);
    calls = 0;
    return undefined;
  }
  const [, name = '', number] = /^\/images\/(\w+)\/(\d+)\.png$/.exec(url) ?? [];
  if (!isResponseName(name)) return void response.writeHead(404).end();
  const bytes = cannedImages(name).bytesOf(Number(number));
  return void response.writeHead(200, { 'content-type': 'image/png', 'content-length': bytes.length }).end(bytes);
}

interface GenerationRequest {
  readonly prompt: string;
  readonly response_format?: string;
}

async function generate(request: GenerationRequest, host: string, response: ServerResponse): Promise<void> {
  const name = responseNameOf(request.prompt);
  if (name === undefined) throw new Error(`The prompt "${request.prompt}" selects no response`);
  calls++;
  const { images, delayMs } = RESPONSES[name];
  if (delayMs > 0) await sleep(delayMs);
  const numbers = Array.from({ length: images }, () => ++lastNumber);
  if (request.response_format === 'b64_json') return sendBase64(response, name, numbers);
  const data = numbers.map((number) => ({ url: `http://${host}/images/${name}/${number}.png` }));
  return sendJson(response, { created: 1_700_000_000, data });
}

function sendBase64(response: ServerResponse, name: ResponseName, numbers: readonly number[]): Promise<void> {
  const between = Buffer.from('"},{"b64_json":"');
  const images = numbers.flatMap((number, index) => [
    index === 0 ? between.subarray(3) : between,
    ...cannedImages(name).base64Of(number),
  ]);
  const chunks = [Buffer.from('{"created":1700000000,"data":['), ...images, Buffer.from('"}]}')];
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': length });
  // A small body goes out in one write, as any server does it.
  if (length < 64 * 1024) {
    response.end(Buffer.concat(chunks));
    return Promise.resolve();
  }
  return pipeline(Readable.from(chunks), response);
}

function cannedImages(name: ResponseName): NumberedImages {
  const images = canned.get(name) ?? imagesOf(name);
  canned.set(name, images);
  return images;
}

function sendJson(response: ServerResponse, value: unknown): void {
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
}

// Made before the first request, so that no measurement includes it.
for (const name of ['large', 'real'] as const) cannedImages(name);
// Two thousand callers connect at once.
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  const { port } = server.address() as AddressInfo;
  const ready: StubServer = { url: `http://127.0.0.1:${port}` };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
});
