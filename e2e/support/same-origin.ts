import { readFile } from 'node:fs/promises';
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { disposable } from '@wan-image/testing/resource';

const TYPES: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript' };

/** Serves the files of a folder, and everything else from `upstream`, on one origin: the only one that a page can read. */
export async function serveSameOrigin(folder: string, upstream: string): Promise<{ url: string } & AsyncDisposable> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://page');
    const type = TYPES[extname(pathname)];
    if (request.method === 'GET' && type !== undefined) void sendFile(join(folder, pathname), type, response);
    else pass(request, response, upstream);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // the server listens on a port
  return disposable({ url: `http://127.0.0.1:${port}` }, async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
}

async function sendFile(path: string, type: string, response: ServerResponse): Promise<void> {
  const content = await readFile(path).catch(() => null);
  response.writeHead(content === null ? 404 : 200, { 'content-type': type }).end(content);
}

/** With the `Host` header of the page: the simulator builds the URLs of its images from it. */
function pass(request: IncomingMessage, response: ServerResponse, upstream: string): void {
  const { method, headers } = request;
  const passed = forward(new URL(request.url ?? '/', upstream), { method, headers }, (upstreamResponse) => {
    response.writeHead(upstreamResponse.statusCode ?? 502, upstreamResponse.headers);
    upstreamResponse.pipe(response);
  });
  passed.on('error', () => response.destroy());
  request.pipe(passed);
}
