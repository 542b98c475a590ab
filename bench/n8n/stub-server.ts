import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { json } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { RESPONSE_EXAMPLES } from '@wan-image/core';
import { imageOf, imagesOf, promptOf, readPrompt, RESPONSES } from './responses.ts';

/**
 * The upstream of both nodes, in its own process: it responds as the prompt selects (responses.ts), with base64 unless the request asks for
 * URLs, and serves the images at those URLs. Below `/history` it is a history service. `/prompts` returns the prompts, and the ids of the
 * records, since the last request to it.
 */
export interface StubServer {
  readonly url: string;
}

let prompts: string[] = [];

const server = createServer((request, response) => {
  void respond(request, response).catch((error: unknown) => response.destroy(error as Error));
});

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, url = '', headers } = request;
  if (method === 'POST' && url === '/v1/images/generations') {
    return generate((await json(request)) as GenerationRequest, headers.host ?? '', response);
  }
  if (url === '/v1/models') return sendJson(response, { object: 'list', data: [] });
  if (url === '/prompts') {
    sendJson(response, prompts);
    prompts = [];
    return undefined;
  }
  if (url.startsWith('/history/')) return respondAsHistory(url, response);
  const [, prompt, index] = /^\/images\/([^/]+)\/(\d+)\.png$/.exec(url) ?? [];
  const image = prompt === undefined ? undefined : cannedOf(decodeURIComponent(prompt)).images[Number(index)];
  if (image === undefined) response.writeHead(404).end();
  else response.writeHead(200, { 'content-type': 'image/png', 'content-length': image.length }).end(image);
}

const HISTORY = { 'wan-image-history': '1.0.0' };

/** What a history service says of itself, a record, or an image of it. */
function respondAsHistory(url: string, response: ServerResponse): void {
  const search = { complete: true, indexed: 1 };
  const about = {
    version: '1',
    simulated: false,
    key_required: true,
    scopes: ['read'],
    prices: {},
    currency: 'CNY',
    search,
  };
  if (url === '/history/v1/service') return sendJson(response, about, HISTORY);
  const [, id] = /^\/history\/v1\/generations\/([\w-]+)$/.exec(url) ?? [];
  if (id !== undefined) {
    prompts.push(id);
    return sendJson(response, recordOf(id), HISTORY);
  }
  const [, of = '', index] = /^\/history\/images\/([\w-]+)-(\d+)$/.exec(url) ?? [];
  const image = imageOf(of, Number(index));
  response.writeHead(200, { ...HISTORY, 'content-type': 'image/png', 'content-length': image.length }).end(image);
}

function recordOf(id: string): object {
  const { images } = RESPONSES[readPrompt(id).name];
  const { Generation } = RESPONSE_EXAMPLES;
  const [image] = Generation.images;
  const one = (_: unknown, index: number): object => ({ ...image, id: `${id}-${index}`, index });
  return { ...Generation, id, images: Array.from({ length: images }, one) };
}

interface GenerationRequest {
  readonly prompt: string;
  readonly response_format?: string;
}

async function generate(
  { prompt, response_format }: GenerationRequest,
  host: string,
  response: ServerResponse,
): Promise<void> {
  prompts.push(prompt);
  const { images, body } = cannedOf(prompt);
  await sleep(RESPONSES[readPrompt(prompt).name].delayMs);
  if (response_format === 'url') {
    const address = `http://${host}/images/${encodeURIComponent(prompt)}`;
    return sendJson(response, {
      created: 1_700_000_000,
      data: images.map((_, index) => ({ url: `${address}/${index}.png`, revised_prompt: prompt })),
    });
  }
  const length = body.reduce((sum, chunk) => sum + chunk.length, 0);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': length });
  return pipeline(Readable.from(body), response);
}

interface Canned {
  readonly images: readonly Buffer[];
  /** Of the response with base64, in chunks. */
  readonly body: readonly Buffer[];
}

const cache = new Map<string, Canned>();

function cannedOf(prompt: string): Canned {
  const cached = cache.get(prompt);
  if (cached !== undefined) return cached;
  const images = imagesOf(prompt);
  const between = `"},{"revised_prompt":${JSON.stringify(prompt)},"b64_json":"`;
  const texts = images.flatMap((image, index) => [index === 0 ? between.slice(3) : between, image.toString('base64')]);
  const body = ['{"created":1700000000,"data":[', ...texts, '"}]}'].map((text) => Buffer.from(text, 'latin1'));
  const canned = { images, body };
  cache.set(prompt, canned);
  return canned;
}

function sendJson(response: ServerResponse, value: unknown, headers: Record<string, string> = {}): void {
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(200, { ...headers, 'content-type': 'application/json', 'content-length': body.length }).end(body);
}

// Made before the first request, so that no measurement includes it.
cannedOf(promptOf('large', 0));
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  const ready: StubServer = { url: `http://127.0.0.1:${port}` };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
});
