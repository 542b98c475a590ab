import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RESULT_URL_LIFETIME_MS } from '@wan-image/core';
import { CallLog, type Call, type CallTotals } from './calls/call-log.ts';
import { FaultCounter } from './faults/fault-counter.ts';
import { authorize } from './http/authorize.ts';
import { generate } from './http/generate.ts';
import { MODEL_LIST } from './http/models.ts';
import { sendError, sendJson } from './http/response.ts';
import { sendPng, serveImage } from './http/serve-image.ts';
import { DEFAULT_LATENCY_MS, DEFAULT_PORT, type SimulatorOptions } from './options.ts';
import { readImageUrl } from './images/image-url.ts';
import { createRenderer } from './render/renderer.ts';
import { stubGenerate } from './stub/stub-generate.ts';
import { stubImage } from './stub/stub-image.ts';

export interface Simulator {
  /** The base URL for a client, such as `http://127.0.0.1:4010`. */
  readonly url: string;
  /** The last 1000 received generations, oldest first. */
  readonly calls: readonly Call[];
  /** Counts all generations since the start or the last reset. */
  readonly totals: CallTotals;
  close(): Promise<void>;
}

/** The URL of an edit contains thumbnails of its input images. Nine with fine texture take about 18 kB. */
const MAX_HEADER_BYTES = 64 * 1024;

type Handler = (request: IncomingMessage, response: ServerResponse, url: URL) => void | Promise<void>;

/** Starts an offline simulation of the vendor's API. Rejects if the port is in use. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const renderer = createRenderer();
  const log = new CallLog();
  const handle = await handlerOf(options, log, renderer);
  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES }, (request, response) => {
    response.setHeader('x-oneapi-request-id', randomUUID());
    void respond(request, response, handle);
  });
  const url = await listen(server, options.host ?? '127.0.0.1', options.port ?? DEFAULT_PORT);
  return {
    url,
    get calls() {
      return log.calls;
    },
    get totals() {
      return log.totals;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await renderer.close();
    },
  };
}

async function handlerOf(
  options: SimulatorOptions,
  log: CallLog,
  renderer: ReturnType<typeof createRenderer>,
): Promise<Handler> {
  const context = {
    renderer,
    log,
    faults: new FaultCounter(),
    latencyMs: options.latencyMs ?? DEFAULT_LATENCY_MS,
    urlLifetimeSeconds: options.urlLifetimeSeconds ?? RESULT_URL_LIFETIME_MS / 1000,
  };
  const stub = options.stub ? { delayMs: options.stub.delayMs, png: await stubImage(options.stub.imageBytes) } : null;
  const stubContext = stub && { log, delayMs: stub.delayMs, base64: stub.png.toString('base64') };
  return async (request, response, url) => {
    const route = `${request.method === 'HEAD' ? 'GET' : request.method} ${url.pathname}`;
    const image = readImageUrl(url, Date.now());
    if (image) return serveImage(request, response, image, renderer);
    if (stub && route.startsWith('GET /simulator/stub/')) return sendPng(request, response, stub.png);
    if (route === 'GET /simulator/calls')
      return sendJson(response, 200, { object: 'list', data: log.calls, totals: log.totals });
    if (route === 'DELETE /simulator/calls') return (log.clear(), sendJson(response, 200, { totals: log.totals }));
    if (!url.pathname.startsWith('/v1/')) return notFound(response, url);
    if (!authorize(request, response)) return;
    if (route === 'GET /v1/models') return sendJson(response, 200, MODEL_LIST);
    if (route !== 'POST /v1/images/generations') return notFound(response, url);
    return stubContext ? stubGenerate(request, response, stubContext) : generate(request, response, context);
  };
}

async function respond(request: IncomingMessage, response: ServerResponse, handle: Handler): Promise<void> {
  try {
    await handle(request, response, new URL(request.url ?? '/', 'http://simulator'));
  } catch (error) {
    // The client disconnected in the middle of its request.
    if (request.destroyed && !request.complete) return;
    process.stderr.write(`simulator: ${error instanceof Error ? error.stack : String(error)}\n`);
    if (response.headersSent) response.destroy();
    else
      sendError(response, 500, {
        message: 'Internal error of the simulator',
        type: 'server_error',
        param: null,
        code: 'InternalError',
      });
  }
}

function notFound(response: ServerResponse, url: URL): void {
  sendError(response, 404, {
    message: `Invalid URL (${url.pathname})`,
    type: 'invalid_request_error',
    param: null,
    code: null,
  });
}

async function listen(server: Server, host: string, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo; // the server listens on a port, not on a pipe
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${name}:${address.port}`;
}
