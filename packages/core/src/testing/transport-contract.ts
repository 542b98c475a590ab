import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import {
  isTransportError,
  type RequestBody,
  type Transport,
  type TransportError,
  type TransportRequest,
} from '../transport/transport.ts';

/** One rule for a {@link Transport}, and its test against servers on loopback. */
export interface TransportCase {
  /** The rule in words. */
  readonly name: string;
  /** Rejects if the transport breaks the rule. */
  readonly check: (transport: Transport) => Promise<void>;
}

/**
 * The rules for every transport, for any test runner:
 * `for (const { name, check } of transportContract()) test(name, () => check(transport));`
 */
export function transportContract(): readonly TransportCase[] {
  return CASES;
}

/** After this, in milliseconds, a transport that has not reacted counts as stuck. It is no measure of speed: a busy machine takes long. */
const STUCK_MS = 30_000;

const CASES: readonly TransportCase[] = [
  {
    name: 'sends method, path, headers and body, with the length of the body',
    check: (transport) =>
      withServer(
        async (request, response) => {
          const body = await textOf(request);
          const { method, url, headers } = request;
          response.end(JSON.stringify([method, url, headers['x-a'], headers['content-length'], body]));
        },
        async (url) => {
          const headers = { 'x-a': 'b', 'content-type': 'application/json' };
          const response = await transport({
            ...get(`${url}/p?q=1`),
            method: 'POST',
            headers,
            body: bodyOf(['{"花":', '1}']),
          });
          assert.deepEqual(JSON.parse(await readAll(response.body)), ['POST', '/p?q=1', 'b', '9', '{"花":1}']);
        },
      ),
  },
  {
    name: 'sends a body of 20 MB completely, with its length',
    check: (transport) =>
      withServer(
        async (request, response) => {
          let received = 0;
          for await (const chunk of request) received += (chunk as Buffer).length;
          response.end(`${received} of ${request.headers['content-length']}`);
        },
        async (url) => {
          const body = bodyOf(Array<string>(20).fill('x'.repeat(1024 * 1024)));
          const response = await transport({ ...get(url), method: 'POST', body });
          assert.equal(await readAll(response.body), `${body.length} of ${body.length}`);
        },
      ),
  },
  {
    name: 'returns status and headers, by lower-case name',
    check: (transport) =>
      withServer(
        (_request, response) => response.writeHead(418, { 'X-Request-Id': 'r1', 'Retry-After': '2' }).end('tea'),
        async (url) => {
          const { status, headers, body } = await transport(get(url));
          assert.deepEqual([status, headers['x-request-id'], headers['retry-after']], [418, 'r1', '2']);
          assert.equal(await readAll(body), 'tea');
        },
      ),
  },
  {
    name: 'sends PATCH with its body',
    check: (transport) =>
      withServer(
        async (request, response) => {
          const body = await textOf(request);
          response.end(JSON.stringify([request.method, request.headers['content-length'], body]));
        },
        async (url) => {
          const headers = { 'content-type': 'application/json' };
          const response = await transport({ ...get(url), method: 'PATCH', headers, body: bodyOf(['{"note":"花"}']) });
          assert.deepEqual(JSON.parse(await readAll(response.body)), ['PATCH', '14', '{"note":"花"}']);
        },
      ),
  },
  {
    name: 'sends DELETE without a body, and returns a response without one; the connection serves the next request',
    check: (transport) =>
      withServer(
        async (request, response) => {
          const { method, headers } = request;
          const body = await textOf(request);
          const isEmpty = body === '' && headers['transfer-encoding'] === undefined;
          response.writeHead(method === 'DELETE' && isEmpty ? 204 : 200).end();
        },
        async (url) => {
          const remove = { ...get(url), method: 'DELETE' };
          for (const [request, status] of [
            [remove, 204],
            [get(url), 200],
            [remove, 204],
          ] as const) {
            const response = await transport(request);
            assert.deepEqual([response.status, await readAll(response.body)], [status, '']);
          }
        },
      ),
  },
  {
    name: 'returns an empty body without bytes',
    check: (transport) =>
      withServer(
        (_request, response) => response.writeHead(204).end(),
        async (url) => assert.equal(await readAll((await transport(get(url))).body), ''),
      ),
  },
  {
    name: 'yields the bytes of a body before its end arrives',
    check: (transport) =>
      withServer(
        (_request, response) => {
          response.write('first');
        },
        async (url, server) => {
          const controller = new AbortController();
          const { body } = await transport({ ...get(url), signal: controller.signal });
          const { value } = await reaction(body[Symbol.asyncIterator]().next());
          assert.equal(Buffer.from(value as Uint8Array).toString(), 'first');
          controller.abort();
          await reaction(server.closed);
        },
      ),
  },
  {
    name: 'decompresses a body that was compressed without being asked for',
    check: (transport) =>
      withServer(
        (_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('花店')),
        async (url) => assert.equal(await readAll((await transport(get(url))).body), '花店'),
      ),
  },
  {
    name: 'does not follow redirects',
    check: (transport) =>
      withServer(
        (request, response) => response.writeHead(request.url === '/' ? 302 : 200, { location: '/elsewhere' }).end(),
        async (url) => {
          const { status, headers, body } = await transport(get(`${url}/`));
          assert.deepEqual([status, headers['location']], [302, '/elsewhere']);
          await readAll(body);
        },
      ),
  },
  {
    name: 'reports a refused connection as not connected',
    async check(transport) {
      const closed = createTcpServer();
      closed.listen(0, '127.0.0.1');
      await once(closed, 'listening');
      const { port } = closed.address() as AddressInfo;
      closed.close();
      await once(closed, 'close');
      assert.equal((await failureOf(transport(get(`http://127.0.0.1:${port}`)))).connected, false);
    },
  },
  {
    name: 'reports an unknown host name as not connected',
    async check(transport) {
      assert.equal((await failureOf(transport(get('http://nobody.invalid')))).connected, false);
    },
  },
  {
    name: 'reports a connection that breaks before the headers as connected',
    check: (transport) =>
      withServer(
        (request) => void request.socket.destroy(),
        async (url) => {
          const error = await failureOf(transport({ ...get(url), method: 'POST', body: bodyOf(['{}']) }));
          assert.equal(error.connected, true);
        },
      ),
  },
  ...['with a length', 'in chunks'].map((how): TransportCase => ({
    name: `yields the received bytes of a body ${how} that is cut off, and then fails`,
    check: (transport) =>
      withServer(
        (_request, response) => {
          response.writeHead(200, how === 'in chunks' ? {} : { 'content-length': '100' });
          response.write('came', () => setImmediate(() => response.destroy()));
        },
        async (url) => {
          const { body } = await transport(get(url));
          const received: string[] = [];
          const reading = (async () => {
            for await (const chunk of body) received.push(Buffer.from(chunk).toString());
          })();
          assert.equal((await failureOf(reading)).connected, true);
          assert.equal(received.join(''), 'came');
        },
      ),
  })),
  {
    name: 'sends nothing if it is canceled before it starts',
    check: (transport) =>
      withServer(
        (_request, response) => response.end(),
        async (url, server) => {
          await failureOf(transport({ ...get(url), signal: AbortSignal.abort() }));
          assert.equal(server.requests(), 0);
        },
      ),
  },
  {
    name: 'fails at once and closes the connection if it is canceled while it waits for the headers',
    check: (transport) =>
      withServer(
        () => undefined,
        async (url, server) => {
          const controller = new AbortController();
          const failing = failureOf(transport({ ...get(url), signal: controller.signal }));
          await reaction(server.requested);
          controller.abort();
          assert.equal((await reaction(failing)).connected, true);
          await reaction(server.closed);
        },
      ),
  },
  {
    name: 'fails at once and closes the connection if it is canceled while the body is read',
    check: (transport) =>
      withServer(
        (_request, response) => {
          response.write('first');
        },
        async (url, server) => {
          const controller = new AbortController();
          const { body } = await transport({ ...get(url), signal: controller.signal });
          const chunks = body[Symbol.asyncIterator]();
          await chunks.next();
          const failing = failureOf(chunks.next());
          controller.abort();
          await reaction(failing);
          await reaction(server.closed);
        },
      ),
  },
  {
    name: 'fails at once and closes the connection if it is canceled while it sends',
    check: (transport) =>
      withServer(
        async (request) => {
          // Read slowly, so that there is always more to send. Without reading, the server would not notice the end of the connection.
          for await (const _ of request) await sleep(5);
        },
        async (url, server) => {
          const controller = new AbortController();
          const body = bodyOf(Array<string>(64).fill('x'.repeat(1024 * 1024)));
          const failing = failureOf(transport({ ...get(url), method: 'POST', body, signal: controller.signal }));
          await reaction(server.requested);
          controller.abort();
          await reaction(failing);
          await reaction(server.closed);
        },
      ),
  },
  {
    name: 'closes the connection when a reader stops early',
    check: (transport) =>
      withServer(
        (_request, response) => {
          response.write('first');
        },
        async (url, server) => {
          for await (const _ of (await transport(get(url))).body) break;
          await reaction(server.closed);
        },
      ),
  },
  {
    name: 'closes the connection when a body is ended before it was read',
    check: (transport) =>
      withServer(
        (_request, response) => {
          response.write('first');
        },
        async (url, server) => {
          await (await transport(get(url))).body[Symbol.asyncIterator]().return?.();
          await reaction(server.closed);
        },
      ),
  },
  {
    name: 'does not retry a request when a reused connection breaks',
    check: (transport) =>
      withServer(
        async (request, response) => {
          const body = await textOf(request);
          if (body === 'first') response.end('ok');
          else request.socket.destroy();
        },
        async (url, server) => {
          const post = (text: string): TransportRequest => ({ ...get(url), method: 'POST', body: bodyOf([text]) });
          await readAll((await transport(post('first'))).body);
          assert.equal((await failureOf(transport(post('second')))).connected, true);
          assert.equal(server.requests(), 2);
        },
      ),
  },
  {
    name: 'slows down the server, instead of filling the memory, when the reader is slow',
    check: (transport) =>
      withServer(
        async (_request, response) => {
          const chunk = Buffer.alloc(1024 * 1024);
          for (let i = 0; i < 256; i++) {
            if (!response.write(chunk)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
            if (response.destroyed) return;
            written = i + 1;
          }
          response.end();
        },
        async (url) => {
          written = 0;
          const { body } = await transport(get(url));
          const chunks = body[Symbol.asyncIterator]();
          await chunks.next();
          for (let before = -1; before !== written; await sleep(200)) before = written;
          assert.ok(written < 64, `The transport had read ${written} MB when its reader had read one chunk.`);
          await chunks.return?.();
        },
      ),
  },
  {
    name: 'returns a response that arrives before the request body is sent',
    check: (transport) =>
      withServer(
        (_request, response) => response.writeHead(413).end('too large'),
        async (url) => {
          const body = bodyOf(Array<string>(8).fill('x'.repeat(1024 * 1024)));
          const response = await transport({ ...get(url), method: 'POST', body });
          assert.equal(response.status, 413);
          assert.equal(await readAll(response.body), 'too large');
        },
      ),
  },
  {
    name: 'does not connect to this machine with publicOnly',
    check: (transport) =>
      withServer(
        (_request, response) => response.end('secret'),
        async (url, server) => {
          for (const host of ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '0x7f.1']) {
            const address = url.replace('127.0.0.1', host);
            assert.equal((await failureOf(transport({ ...get(address), publicOnly: true }))).connected, false);
          }
          assert.equal(server.requests(), 0);
        },
      ),
  },
  {
    name: 'sends 20 requests at once, each with its own response',
    check: (transport) =>
      withServer(
        (request, response) => response.end(request.url),
        async (url) => {
          const paths = Array.from({ length: 20 }, (_, i) => `/${i}`);
          const responses = await Promise.all(
            paths.map(async (path) => readAll((await transport(get(url + path))).body)),
          );
          assert.deepEqual(responses, paths);
        },
      ),
  },
];

/** Megabytes that the server of the current case has written. */
let written = 0;

function get(url: string): TransportRequest {
  const { signal } = new AbortController();
  return { method: 'GET', url, headers: {}, body: null, signal, publicOnly: false };
}

function bodyOf(texts: readonly string[]): RequestBody {
  const chunks = texts.map((text) => new TextEncoder().encode(text));
  return {
    length: chunks.reduce((sum, chunk) => sum + chunk.length, 0),
    async *chunks() {
      yield* chunks;
    },
  };
}

async function readAll(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function textOf(request: IncomingMessage): Promise<string> {
  return readAll(request as AsyncIterable<Uint8Array>);
}

async function failureOf(work: Promise<unknown>): Promise<TransportError> {
  const error: unknown = await work.then(
    () => new Error('The request succeeded.'),
    (cause: unknown) => cause,
  );
  assert.ok(isTransportError(error), `not a TransportError: ${String(error)}`);
  return error;
}

async function reaction<T>(work: Promise<T>): Promise<T> {
  const late = new AbortController();
  const limit = sleep(STUCK_MS, undefined, { signal: late.signal }).then(() => {
    throw new Error(`The transport did not react within ${STUCK_MS} ms.`);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    late.abort();
    limit.catch(() => undefined);
  }
}

interface Watched {
  /** Resolves with the first request. */
  readonly requested: Promise<unknown>;
  /** Resolves when a connection is closed. */
  readonly closed: Promise<unknown>;
  readonly requests: () => number;
}

async function withServer(
  respond: (request: IncomingMessage, response: ServerResponse) => unknown,
  check: (url: string, server: Watched) => Promise<unknown>,
): Promise<void> {
  let requests = 0;
  const server = createServer((request, response) => {
    requests++;
    response.on('error', () => undefined);
    // Reading a canceled request fails.
    void Promise.resolve(respond(request, response)).catch(() => undefined);
  });
  const requested = once(server, 'request');
  const closed = new Promise((resolve) => server.on('connection', (socket) => socket.on('close', resolve)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    await check(`http://127.0.0.1:${port}`, { requested, closed, requests: () => requests });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
