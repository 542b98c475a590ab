import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { deflateSync } from 'node:zlib';
import { encodeImage } from '@wan-image/testing/images';
import { png } from '../support/png.ts';
import { HOSTILE, interlacedPng, ordinary, progressiveJpeg } from './hostile-files.ts';

/** The upstream, in a process of its own: the prompt names the image that it returns as a URL. */
export interface StubServer {
  readonly url: string;
}

const FILES: Readonly<Record<string, () => Buffer | Promise<Buffer>>> = {
  ...HOSTILE,
  ordinary,
  tiny: () => png(2048),
  'progressive 4:4:4': () => progressiveJpeg(7100, 1),
  'progressive 4:2:0': () => progressiveJpeg(8000, 2),
  'interlaced RGB': () => interlacedPng(8000, 2, 8, (bytes) => deflateSync(bytes)),
  'interlaced RGBA': () => interlacedPng(8000, 6, 8, (bytes) => deflateSync(bytes)),
  'interlaced, 16 bits': () => interlacedPng(5400, 6, 16, (bytes) => deflateSync(bytes)),
  'large PNG': () => encodeImage({ format: 'png', width: 8000, height: 8000 }),
  'large WEBP': () => encodeImage({ format: 'webp', width: 8000, height: 8000 }),
};

const made = new Map<string, Buffer>();

async function fileOf(name: string): Promise<Buffer | undefined> {
  if (!Object.hasOwn(FILES, name)) return undefined;
  const file = made.get(name) ?? (await FILES[name]?.());
  if (file !== undefined) made.set(name, file);
  return file;
}

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method === 'POST') {
    const { prompt } = (await json(request)) as { readonly prompt: string };
    const url = `http://${request.headers.host}/${encodeURIComponent(prompt)}`;
    return void response
      .setHeader('content-type', 'application/json')
      .end(JSON.stringify({ created: 1, data: [{ url }] }));
  }
  const file = await fileOf(decodeURIComponent(request.url?.slice(1) ?? ''));
  if (file === undefined) return void response.writeHead(404).end();
  return void response.writeHead(200, { 'content-length': file.length }).end(file);
}

const server = createServer((request, response) => {
  void respond(request, response).catch((error: unknown) => response.destroy(error as Error));
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}` } satisfies StubServer)}\n`);
});
