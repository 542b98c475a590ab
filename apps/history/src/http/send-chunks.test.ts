import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import Fastify from 'fastify';
import { expect, test } from 'vitest';
import { sendChunks } from './send-chunks.ts';

const CHUNK_BYTES = 64 * 1024;

interface Body {
  readonly chunks: number;
  /** Which chunk fails. */
  readonly fails?: number;
}

/** A server whose bodies come in one memory, filled anew for each chunk; it tells how many were asked for, and what became of each body. */
async function serve({ chunks, fails }: Body) {
  const fastify = Fastify({ forceCloseConnections: true });
  const seen = { asked: 0, ended: 0, broken: [] as unknown[], responses: 0 };
  async function* body(): AsyncGenerator<Uint8Array, void, void> {
    const memory = Buffer.allocUnsafe(CHUNK_BYTES);
    try {
      for (let chunk = 0; chunk < chunks; chunk++) {
        if (chunk === fails) throw new Error(`no chunk ${chunk}`);
        seen.asked++;
        await sleep(0);
        yield memory.fill(chunk);
      }
    } finally {
      seen.ended++;
    }
  }
  fastify.addHook('onResponse', async () => void seen.responses++);
  fastify.get('/', async (_request, response) => {
    void response.status(201).header('x-named', 'yes').type('application/json');
    await sendChunks(response, body(), (error) => seen.broken.push(error));
  });
  fastify.get('/slow', async () => sleep(300, 'late'));
  await fastify.listen({ port: 0, host: '127.0.0.1' });
  const { port } = fastify.server.address() as AddressInfo;
  return { port, seen, [Symbol.asyncDispose]: () => fastify.close() };
}

async function responseOf(port: number): Promise<IncomingMessage> {
  const asked = request({ port, host: '127.0.0.1' }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  return response;
}

test('each chunk arrives as it was, however slowly it is read, and no more is asked for than has left', async () => {
  await using server = await serve({ chunks: 200 });
  const response = await responseOf(server.port);
  expect(response.statusCode).toBe(201);
  expect(response.headers).toMatchObject({ 'x-named': 'yes', 'content-type': /^application\/json/ });
  // Until the buffers of both sides are full.
  for (let before = -1; before !== server.seen.asked; await sleep(100)) before = server.seen.asked;
  expect(server.seen.asked).toBeLessThan(200);
  const parts: Buffer[] = [];
  for await (const part of response as AsyncIterable<Buffer>) parts.push(part);
  const whole = Buffer.concat(parts);
  expect(whole).toHaveLength(200 * CHUNK_BYTES);
  for (let chunk = 0; chunk < 200; chunk++) {
    const part = whole.subarray(chunk * CHUNK_BYTES, (chunk + 1) * CHUNK_BYTES);
    expect(part.equals(Buffer.alloc(CHUNK_BYTES, chunk))).toBe(true);
  }
  expect(server.seen).toMatchObject({ ended: 1, broken: [], responses: 1 });
});

test('what fails at the first chunk can be answered', async () => {
  await using server = await serve({ chunks: 3, fails: 0 });
  const response = await responseOf(server.port);
  response.resume();
  expect(response.statusCode).toBe(500);
  expect(server.seen).toMatchObject({ ended: 1, broken: [] });
});

test('what fails later never looks whole', async () => {
  await using server = await serve({ chunks: 3, fails: 2 });
  const response = await responseOf(server.port);
  await expect(response.resume().toArray()).rejects.toThrow('aborted');
  expect(server.seen).toMatchObject({ ended: 1, broken: [new Error('no chunk 2')] });
});

test('where the caller leaves in the middle, no more is asked for', async () => {
  await using server = await serve({ chunks: 100_000 });
  const response = await responseOf(server.port);
  await once(response, 'data');
  response.destroy();
  await expect.poll(() => server.seen.ended).toBe(1);
  expect(server.seen.asked).toBeLessThan(100_000);
});

test('so too where its request waits behind another on the connection', async () => {
  await using server = await serve({ chunks: 100_000 });
  const socket = connect(server.port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write('GET /slow HTTP/1.1\r\nhost: a\r\n\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n');
  await expect.poll(() => server.seen.asked).toBeGreaterThan(0);
  socket.destroy();
  await expect.poll(() => server.seen.ended).toBe(1);
});
