import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { json } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isResponseName, Images, RESPONSES, type ResponseName } from './responses.ts';

/**
 * The upstream of all sides, in a process of its own: it answers as the prompt says (replies.ts), with URLs unless base64 is asked for,
 * and serves what they lead to. `/calls` tells how many generations were asked for since it was last asked.
 */
export interface StubServer {
  readonly url: string;
}

let calls = 0;
let images = 0;
const made = new Map<ResponseName, Images>();

const server = createServer((request, response) => {
  void respond(request, response).catch((error: unknown) => response.destroy(error as Error));
});

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, url = '', headers } = request;
  if (method === 'POST' && url === '/v1/images/generations') {
    return generate((await json(request)) as Asked, headers.host ?? '', response);
  }
  if (url === '/calls') {
    sendJson(response, calls);
    calls = 0;
    return undefined;
  }
  const [, name = '', number] = /^\/images\/(\w+)\/(\d+)\.png$/.exec(url) ?? [];
  if (!isResponseName(name)) return void response.writeHead(404).end();
  const bytes = imagesOf(name).bytesOf(Number(number));
  return void response.writeHead(200, { 'content-type': 'image/png', 'content-length': bytes.length }).end(bytes);
}

interface Asked {
  readonly prompt: string;
  readonly response_format?: string;
}

async function generate({ prompt, response_format }: Asked, host: string, response: ServerResponse): Promise<void> {
  if (!isResponseName(prompt)) throw new Error(`No reply is called "${prompt}"`);
  calls++;
  const { images: count, delayMs } = RESPONSES[prompt];
  if (delayMs > 0) await sleep(delayMs);
  const numbers = Array.from({ length: count }, () => images++);
  if (response_format === 'b64_json') return sendBase64(response, prompt, numbers);
  const data = numbers.map((number) => ({ url: `http://${host}/images/${prompt}/${number}.png` }));
  return sendJson(response, { created: 1_700_000_000, data });
}

function sendBase64(response: ServerResponse, name: ResponseName, numbers: readonly number[]): Promise<void> {
  const between = Buffer.from('"},{"b64_json":"');
  const pieces = numbers.flatMap((number, index) => [
    index === 0 ? between.subarray(3) : between,
    ...imagesOf(name).base64Of(number),
  ]);
  const canned = [Buffer.from('{"created":1700000000,"data":['), ...pieces, Buffer.from('"}]}')];
  const length = canned.reduce((sum, piece) => sum + piece.length, 0);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': length });
  // A small one leaves in one piece, as that of any server does.
  if (length < 64 * 1024) {
    response.end(Buffer.concat(canned));
    return Promise.resolve();
  }
  return pipeline(Readable.from(canned), response);
}

function imagesOf(name: ResponseName): Images {
  const found = made.get(name) ?? new Images(name);
  made.set(name, found);
  return found;
}

function sendJson(response: ServerResponse, value: unknown): void {
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
}

// Nobody shall wait for that.
imagesOf('large');
// Two thousand callers come at once.
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  const { port } = server.address() as AddressInfo;
  const ready: StubServer = { url: `http://127.0.0.1:${port}` };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
});
