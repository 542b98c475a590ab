import { setTimeout as sleep } from 'node:timers/promises';
import type { ErrorBody } from '@wan-image/core';
import { eventually } from '@wan-image/testing/eventually';
import { sendJson, startTestServer, type TestServer } from '@wan-image/testing/http-server';
import { encodeImage } from '@wan-image/testing/images';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { generate } from './support/requests.ts';
import { head, RawConnection } from './support/raw-connection.ts';
import { openHistory, openTestData, runHistory, upstreamAt, type TestHistory } from './support/test-history.ts';

const model = 'wan2.7-image';
const JSON_TYPE = { 'content-type': 'application/json' };
const FORM_TYPE = { 'content-type': 'multipart/form-data; boundary=b' };
const RESOLVE = '/v1/generations/01932d5e-abcd-7000-8000-000000000000/resolve';
const MEBIBYTE = 1024 * 1024;

let history: TestHistory & AsyncDisposable;
beforeAll(async () => {
  history = await openHistory();
});
afterAll(() => history[Symbol.asyncDispose]());

const errorOf = (text: string): ErrorBody['error'] => (JSON.parse(text) as ErrorBody).error;

const GENERATION = JSON.stringify({ model, prompt: 'a cat', size: '1K' });
const generation =
  head('POST', '/v1/images/generations', { ...JSON_TYPE, 'content-length': GENERATION.length }) + GENERATION;

// Concurrent, here and below, because most of these wait for a limit of time. `expect.poll` does not work in them.
describe.concurrent('a request that is refused while its body arrives', () => {
  const bare = JSON.stringify({ model, prompt: 'x', image: 'A'.repeat(2.4 * MEBIBYTE) });
  const file = `--b\r\ncontent-disposition: form-data; name="photo"; filename="a.png"\r\n\r\n${'x'.repeat(700_000)}`;
  const images = JSON.stringify({
    model,
    prompt: 'x',
    image: Array.from({ length: 101 }, () => `data:image/png;base64,${'A'.repeat(40_000)}`),
  });
  const cases: readonly [string, string, string, Record<string, string>, string, number][] = [
    ['too much text', 'POST', '/v1/images/generations', JSON_TYPE, bare, 413],
    ['too many images', 'POST', '/v1/images/generations', JSON_TYPE, images, 400],
    ['a form with a wrong file', 'POST', '/v1/images/edits', FORM_TYPE, file, 400],
    ['a small JSON body that is too large', 'POST', RESOLVE, JSON_TYPE, bare, 413],
    [
      'a content type that is not supported',
      'POST',
      '/v1/images/generations',
      { 'content-type': 'text/plain' },
      bare,
      415,
    ],
    [
      'a content encoding that is not supported',
      'POST',
      '/v1/images/generations',
      { ...JSON_TYPE, 'content-encoding': 'compress' },
      bare,
      415,
    ],
    ['no such route', 'POST', '/v1/nothing', JSON_TYPE, bare, 404],
    ['a malformed path', 'POST', '/v1/%zz', JSON_TYPE, bare, 400],
    [
      'a page of another origin',
      'POST',
      '/v1/images/generations',
      { ...JSON_TYPE, origin: 'https://other.example' },
      bare,
      403,
    ],
    ['a method without bodies', 'GET', '/v1/generations', JSON_TYPE, bare, 200],
  ];

  test.each(cases)(
    '%s, of stated length: its response arrives, then the connection is closed or usable',
    async (_name, method, path, fields, body, status) => {
      using connection = new RawConnection(history.url);
      const length = Buffer.byteLength(body);
      connection.write(head(method, path, { ...fields, 'content-length': length }) + body.slice(0, -1000));
      const response = await connection.response();
      expect(response?.status).toBe(status);
      expect(response?.headers.get('x-request-id')).not.toBeNull();
      connection.write(body.slice(-1000));
      if (response?.headers.get('connection') === 'close') await connection.ended();
      else {
        connection.write(generation);
        expect((await connection.response())?.status).toBe(200);
      }
    },
  );

  test.each(cases)(
    '%s, in chunks without an end: its response arrives, then the connection is closed',
    async (_name, method, path, fields, body, status) => {
      using connection = new RawConnection(history.url);
      connection.write(head(method, path, { ...fields, 'transfer-encoding': 'chunked' }));
      connection.write(`${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n`);
      const response = await connection.response();
      expect([response?.status, response?.headers.get('connection')]).toEqual([status, 'close']);
      await connection.ended();
    },
  );

  test('the client of a large body gets the response, although it reads only after it has sent everything', async () => {
    using connection = new RawConnection(history.url);
    connection.socket.pause();
    const size = 300 * MEBIBYTE;
    connection.write(head('POST', '/v1/images/generations', { ...JSON_TYPE, 'content-length': size }));
    await connection.writeAll(Array.from({ length: 40 }, () => Buffer.alloc(MEBIBYTE, 0x20)));
    expect(connection.socket.destroyed).toBe(false);
    connection.socket.resume();
    expect(await connection.response()).toMatchObject({ status: 413 });
  });

  test('a small rest is read away, and the connection serves the next request', async () => {
    using connection = new RawConnection(history.url);
    connection.write(`${head('POST', '/v1/nothing', { ...JSON_TYPE, 'content-length': 6 })}{"a"`);
    const response = await connection.response();
    expect([response?.status, response?.headers.get('connection')]).toEqual([404, 'keep-alive']);
    connection.write(`:1${generation}`);
    expect((await connection.response())?.status).toBe(200);
  });

  test('a rest that never comes ends the connection', async () => {
    using connection = new RawConnection(history.url);
    connection.write(`${head('POST', '/v1/nothing', { ...JSON_TYPE, 'content-length': 6 })}{"a"`);
    expect((await connection.response())?.status).toBe(404);
    await connection.ended();
  });
});

describe.concurrent('an upload', () => {
  let impatient: TestHistory & AsyncDisposable;
  beforeAll(async () => {
    impatient = await openHistory({ UPLOAD_STALL_SECONDS: '2' });
  });
  afterAll(() => impatient[Symbol.asyncDispose]());

  test('that falls behind the minimum rate is refused, and leaves the next request alone', async () => {
    using connection = new RawConnection(impatient.url);
    connection.write(`${head('POST', '/v1/images/generations', { ...JSON_TYPE, 'content-length': 5000 })}{"model"`);
    const response = await connection.response();
    expect([response?.status, errorOf(response?.text ?? '{}').code]).toEqual([408, 'upload_too_slow']);
    await connection.ended();
  });

  test('of any other route as well', async () => {
    using connection = new RawConnection(impatient.url);
    connection.write(`${head('POST', RESOLVE, { ...JSON_TYPE, 'content-length': 5000 })}{"name"`);
    expect((await connection.response())?.status).toBe(408);
  });

  test('that keeps the minimum rate may take longer than any pause', async () => {
    using connection = new RawConnection(impatient.url);
    const text = JSON.stringify({ model, prompt: 'x', size: '1K', note: 'y'.repeat(20_000) });
    connection.write(head('POST', '/v1/images/generations', { ...JSON_TYPE, 'content-length': text.length }));
    for (let at = 0; at < text.length; at += 2500) {
      connection.write(text.slice(at, at + 2500));
      await sleep(400);
    }
    expect((await connection.response())?.status).toBe(200);
  });

  test('counts by what has arrived: neither stated lengths nor bodies without one keep others out', async () => {
    const image = await encodeImage({ format: 'png', width: 300, height: 300 });
    const body = JSON.stringify({
      model,
      prompt: 'x',
      size: '1K',
      image: `data:image/png;base64,${image.toString('base64')}`,
    });
    const idle = Array.from({ length: 4 }, () => new RawConnection(history.url));
    const chunked = Array.from({ length: 8 }, () => new RawConnection(history.url));
    try {
      for (const connection of idle)
        connection.write(
          `${head('POST', '/v1/images/generations', { ...JSON_TYPE, 'content-length': 260 * MEBIBYTE })}{"model":"`,
        );
      for (const connection of chunked) {
        connection.write(head('POST', '/v1/images/generations', { ...JSON_TYPE, 'transfer-encoding': 'chunked' }));
        connection.write(`${body.length.toString(16)}\r\n${body}\r\n`);
      }
      expect((await generate(history.url, { model, prompt: 'x', size: '1K' })).status).toBe(200);
      for (const connection of chunked) connection.write('0\r\n\r\n');
      const responses = await Promise.all(chunked.map((connection) => connection.response()));
      expect(responses.map((response) => response?.status)).toEqual(chunked.map(() => 200));
    } finally {
      for (const connection of [...idle, ...chunked]) connection[Symbol.dispose]();
    }
  });
});

describe.concurrent('what is not valid HTTP', () => {
  test.each([
    ['no request line', 'FOO\r\n\r\n', 400],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['a header of 80 KB', head('GET', '/healthz', { 'x-long': 'x'.repeat(80_000) }), 431],
    [
      'a chunk without a size',
      `${head('POST', '/v1/images/generations', { ...JSON_TYPE, 'transfer-encoding': 'chunked' })}zz\r\n`,
      400,
    ],
  ])('%s: refused in the envelope, with a request id that is in the log', async (_name, bytes, status) => {
    using connection = new RawConnection(history.url);
    connection.write(bytes);
    const response = await connection.response();
    expect([response?.status, response?.headers.get('connection')]).toEqual([status, 'close']);
    expect(errorOf(response?.text ?? '{}')).toMatchObject({
      type: 'invalid_request_error',
      param: null,
      code: 'invalid_request',
    });
    const id = response?.headers.get('x-request-id');
    await eventually(() => expect(history.logs.filter((line) => line.includes(id ?? 'none'))).toHaveLength(1), 30_000);
    await connection.ended();
  });

  test('a request that comes too late is refused, and is not sent upstream when the rest of it arrives after all', async () => {
    await using impatient = await openHistory({}, {}, { headersMs: 2000 });
    using connection = new RawConnection(impatient.url, { allowHalfOpen: true });
    const at = generation.indexOf('\r\n') + 2;
    connection.write(generation.slice(0, at));
    const response = await connection.response();
    connection.write(generation.slice(at));
    expect([response?.status, response?.headers.get('connection')]).toEqual([408, 'close']);
    expect(errorOf(response?.text ?? '{}').message).toContain('headers have 2 s');
    const isLogged = (): boolean => impatient.logs.some((line) => line.includes('arrived after all, and is not run'));
    await eventually(() => expect(isLogged()).toBe(true), 30_000);
    // By the time that a later request has its response, the upstream would have this one too.
    expect((await generate(impatient.url, { model, prompt: 'a dog', size: '1K' })).status).toBe(200);
    expect(impatient.simulator.totals.calls).toBe(1);
  });

  test('headers that trickle in have no more time', async () => {
    await using impatient = await openHistory({}, {}, { headersMs: 2000 });
    using connection = new RawConnection(impatient.url);
    connection.write('GET /healthz HTTP/1.1\r\nhost: a\r\n');
    const trickling = setInterval(() => connection.write('x'), 100);
    try {
      expect((await connection.response())?.status).toBe(408);
    } finally {
      clearInterval(trickling);
    }
    await connection.ended();
  });

  test('behind a request does not cost its sender the response', async () => {
    using connection = new RawConnection(history.url);
    const text = JSON.stringify({ model, prompt: 'x [[simulate delay=300]]', size: '1K' });
    connection.write(head('POST', '/v1/images/generations', { ...JSON_TYPE, 'content-length': text.length }) + text);
    connection.write('FOO\r\n\r\n');
    expect((await connection.response())?.status).toBe(200);
    await connection.ended();
  });
});

test('an upgrade is not made: the response says that the connection ends, and it does', async () => {
  using connection = new RawConnection(history.url);
  const upgrade = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    'sec-websocket-version': 13,
  };
  connection.write(head('GET', '/v1/generations', upgrade));
  const response = await connection.response();
  expect([response?.status, response?.headers.get('connection')]).toEqual([200, 'close']);
  await connection.ended();
});

test('requests that are sent without reading a response are refused beyond a bound', async () => {
  using connection = new RawConnection(history.url);
  connection.write(
    generation
      .replace('a cat', 'slow [[simulate delay=500]]')
      .replace(/content-length: \d+/, `content-length: ${GENERATION.length + 22}`),
  );
  connection.write(head('GET', '/v1/generations').repeat(60));
  const statuses: (number | undefined)[] = [];
  for (let response = await connection.response(); response !== null; response = await connection.response())
    statuses.push(response.status);
  expect(statuses.slice(0, 16)).toEqual(Array.from({ length: 16 }, () => 200));
  expect(statuses.at(-1)).toBe(503);
  expect(statuses.length).toBeLessThan(60);
});

test('a client that does not read its responses loses its connection', async () => {
  await using strict = await openHistory({ RESPONSE_STALL_SECONDS: '1' });
  using connection = new RawConnection(strict.url);
  connection.socket.pause();
  // Ten times 1.5 MB: more than the buffers of both sides hold.
  connection.write(head('GET', '/docs/swagger-ui-bundle.js').repeat(10));
  await expect.poll(() => strict.logs.some((line) => line.includes('did not read its response'))).toBe(true);
  connection.socket.resume();
  await connection.ended();
  expect(connection.socket.bytesRead).toBeGreaterThan(0);
  expect(connection.socket.bytesRead).toBeLessThan(10 * 1_400_000);
});

/** An upstream that does not respond to prompts that say "held" before it is told to. */
async function openHeldUpstream(): Promise<{ server: TestServer & AsyncDisposable; release(): void }> {
  const image = (await encodeImage({ format: 'png', width: 300, height: 300 })).toString('base64');
  const released = Promise.withResolvers<void>();
  const server = await startTestServer(async ({ body }, response) => {
    if (body.includes('held')) await released.promise;
    sendJson(response, 200, { created: 1, data: [{ b64_json: image }] });
  });
  return { server, release: () => released.resolve() };
}

describe('at the ceiling of connections', () => {
  test('unused connections make room, then idle ones; others are refused', async () => {
    const upstream = await openHeldUpstream();
    await using _server = upstream.server;
    await using testData = await openTestData();
    await using small = await runHistory(testData, { ...upstreamAt(upstream.server.url), MAX_CONNECTIONS: '3' });
    const unused = [new RawConnection(small.url), new RawConnection(small.url), new RawConnection(small.url)];
    using first = new RawConnection(small.url);
    first.write(generation);
    expect((await first.response())?.status).toBe(200);
    await unused[0]?.ended();
    const text = JSON.stringify({ model, prompt: 'held', size: '1K' });
    const slow = head('POST', '/v1/images/generations', { ...JSON_TYPE, 'content-length': text.length }) + text;
    const busy: RawConnection[] = [];
    for (let count = 1; count <= 3; count++) {
      const connection = new RawConnection(small.url);
      busy.push(connection);
      connection.write(slow);
      await expect.poll(() => small.inFlight()).toBe(count);
    }
    using refused = new RawConnection(small.url);
    await refused.ended();
    upstream.release();
    for (const connection of busy) expect((await connection.response())?.status).toBe(200);
    using next = new RawConnection(small.url);
    next.write(generation);
    expect((await next.response())?.status).toBe(200);
    expect(small.logs.filter((line) => line.includes('the ceiling of connections'))).toHaveLength(1);
    for (const connection of [...unused, ...busy]) connection[Symbol.dispose]();
  });
});
