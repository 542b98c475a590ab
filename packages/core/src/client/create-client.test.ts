import { failureOf } from '@wan-image/testing/failures';
import { encodeImage } from '@wan-image/testing/images';
import { sendJson, startTestServer, type Respond } from '@wan-image/testing/http-server';
import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import {
  createClient,
  createFetchTransport,
  createHistoryClient,
  isWanImageError,
  type WanImageError,
} from '../index.ts';
import { createClient as createNodeClient } from '../index.node.ts';

const request = { model: 'wan2.7-image', prompt: '一间花店' } as const;
const imageResponse = {
  created: 1773803391,
  data: [{ url: 'https://example.com/a.png', b64_json: '', revised_prompt: '' }],
};
const retry = { baseDelayMs: 1, maxDelayMs: 50 };

const ok: Respond = (_request, response) => sendJson(response, 200, imageResponse);
const clientOf = (baseUrl: string) => createClient({ baseUrl, apiKey: 'sk-test-key-123456', retry });

const clientFailure = (work: Promise<unknown>): Promise<WanImageError> => failureOf(work, isWanImageError);

describe('generate', () => {
  test('sends the contract and reads the response', async () => {
    await using server = await startTestServer(ok);
    const generation = await clientOf(server.url).generate(
      { ...request, extra: { bbox_list: [] } },
      { idempotencyKey: 'k1' },
    );
    expect(server.requests[0]).toMatchObject({ method: 'POST', path: '/v1/images/generations' });
    expect(server.requests[0]?.headers).toMatchObject({
      authorization: 'Bearer sk-test-key-123456',
      'content-type': 'application/json',
      'idempotency-key': 'k1',
    });
    expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({ ...request, n: 1, size: '2K', bbox_list: [] });
    expect(generation).toMatchObject({
      created: 1773803391,
      attempts: 1,
      images: [{ index: 0, url: 'https://example.com/a.png', revisedPrompt: null }],
    });
  });

  test.each(['', '/', '/v1', '/v1/', '/v1/images/generations', '/v1/images/edits/', '/v1/images', '/v1/models'])(
    'a base URL may end with %j',
    async (end) => {
      await using server = await startTestServer(ok);
      await clientOf(server.url + end).generate(request);
      expect(server.requests[0]?.path).toBe('/v1/images/generations');
    },
  );

  test('refuses an invalid request before anything is sent', async () => {
    await using server = await startTestServer(ok);
    const error = await clientFailure(clientOf(server.url).generate({ ...request, n: 7 }));
    expect(error).toMatchObject({ kind: 'invalid_request', outcome: 'not_billed', param: 'n', attempts: 0 });
    expect(server.requests).toHaveLength(0);
  });

  test('returns extra keys of the response and the ids of its headers', async () => {
    await using server = await startTestServer((_request, response) =>
      sendJson(
        response,
        200,
        { ...imageResponse, usage: { images: 1 } },
        { 'x-request-id': 'r1', 'x-generation-id': 'g1' },
      ),
    );
    const generation = await clientOf(server.url).generate(request);
    expect(generation).toMatchObject({ extra: { usage: { images: 1 } }, requestId: 'r1', generationId: 'g1' });
  });

  test.each(['', 'data:image/png;base64,'])('decodes base64 with prefix %j', async (prefix) => {
    const png = await encodeImage({ format: 'png', width: 300, height: 200 });
    await using server = await startTestServer((_request, response) =>
      sendJson(response, 200, { data: [{ url: null, b64_json: prefix + png.toString('base64') }] }),
    );
    const generation = await clientOf(server.url).generate(request);
    expect(Buffer.from((await generation.images[0]?.bytes()) ?? []).equals(png)).toBe(true);
  });

  test('downloads a URL image without the Authorization header', async () => {
    await using server = await startTestServer((received, response) => {
      if (received.path === '/a.png') response.end('IMAGE');
      else sendJson(response, 200, { data: [{ url: `http://${received.headers.host}/a.png` }] });
    });
    const generation = await clientOf(server.url).generate(request);
    expect(Buffer.from((await generation.images[0]?.bytes()) ?? []).toString()).toBe('IMAGE');
    expect(server.requests[1]?.headers.authorization).toBeUndefined();
  });

  test('an image that cannot be downloaded was billed', async () => {
    await using server = await startTestServer((received, response) => {
      if (received.path === '/a.png') response.writeHead(403).end();
      else sendJson(response, 200, { data: [{ url: `http://${received.headers.host}/a.png` }] });
    });
    const generation = await clientOf(server.url).generate(request);
    expect(await clientFailure(generation.images[0]!.bytes())).toMatchObject({ outcome: 'billed' });
  });
});

describe('only a request that certainly did no work is retried', () => {
  test('two 429 and then the image are three attempts with one idempotency key', async () => {
    await using server = await startTestServer((received, response, count) =>
      count <= 2
        ? sendJson(response, 429, { error: { message: 'slow down' } }, { 'retry-after-ms': '1' })
        : ok(received, response, count),
    );
    const generation = await clientOf(server.url).generate(request);
    expect(generation.attempts).toBe(3);
    expect(new Set(server.requests.map((received) => received.headers['idempotency-key'])).size).toBe(1);
  });

  test('a persistent 429 fails and was not billed', async () => {
    await using server = await startTestServer((_request, response) =>
      sendJson(response, 429, { error: { message: 'slow down' } }),
    );
    expect(await clientFailure(clientOf(server.url).generate(request))).toMatchObject({
      kind: 'rate_limited',
      outcome: 'not_billed',
      attempts: 4,
    });
  });

  test.each<[string, Respond, object]>([
    [
      'a 500',
      (_r, response) => sendJson(response, 500, { error: { message: 'oops' } }),
      { kind: 'server_failed', status: 500 },
    ],
    ['a connection cut before the headers', (_r, response) => void response.destroy(), { kind: 'connection_lost' }],
    [
      'a body cut in the middle',
      (_r, response) => {
        response.writeHead(200, { 'content-length': '1000' });
        response.write('{"data":[');
        setImmediate(() => response.destroy());
      },
      { kind: 'connection_lost' },
    ],
    [
      'an empty body',
      (_r, response) => void response.writeHead(200).end(),
      { kind: 'unreadable_response', status: 200 },
    ],
    ['a web page', (_r, response) => void response.writeHead(200).end('<html>'), { kind: 'unreadable_response' }],
    ['no images', (_r, response) => sendJson(response, 200, { data: [] }), { kind: 'unreadable_response' }],
    [
      'broken base64',
      (_r, response) => sendJson(response, 200, { data: [{ b64_json: '@@@@' }] }),
      { kind: 'unreadable_response' },
    ],
  ])('%s: outcome unknown, sent once', async (_name, respond, facts) => {
    await using server = await startTestServer(respond);
    const error = await clientFailure(clientOf(server.url).generate(request));
    expect(error).toMatchObject({ outcome: 'unknown', attempts: 1, ...facts });
    expect(error.message).toContain('may have been billed');
    expect(server.requests).toHaveLength(1);
  });

  test('an error body under status 200 is an error', async () => {
    await using server = await startTestServer((_r, response) =>
      sendJson(response, 200, { code: 'InvalidParameter', message: 'no', request_id: 'r' }),
    );
    expect(await clientFailure(clientOf(server.url).generate(request))).toMatchObject({
      kind: 'refused',
      code: 'InvalidParameter',
      requestId: 'r',
    });
  });

  test('a refused connection is retried and was not billed', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as { port: number };
    await new Promise((resolve) => closed.close(resolve));
    const error = await clientFailure(clientOf(`http://127.0.0.1:${port}`).generate(request));
    expect(error).toMatchObject({ kind: 'connection_failed', outcome: 'not_billed', attempts: 4 });
  });

  test.each([
    ['connect', 'ECONNREFUSED', { kind: 'connection_failed', outcome: 'not_billed', attempts: 4 }],
    ['getaddrinfo', 'EAI_AGAIN', { kind: 'connection_failed', outcome: 'not_billed' }],
    ['read', 'EHOSTUNREACH', { kind: 'connection_lost', outcome: 'unknown', attempts: 1 }],
    ['read', 'ECONNRESET', { kind: 'connection_lost', outcome: 'unknown' }],
  ])('the system call decides, not the code: %s %s', async (syscall, code, facts) => {
    const cause = Object.assign(new Error(code), { code, syscall });
    const transport = createFetchTransport(() => Promise.reject(new TypeError('fetch failed', { cause })));
    const client = createClient({ baseUrl: 'http://upstream.example', apiKey: 'k', retry, transport });
    expect(await clientFailure(client.generate(request))).toMatchObject(facts);
  });

  test('timeoutMs covers the whole call, and the error names it', async () => {
    await using server = await startTestServer(() => undefined);
    const error = await clientFailure(clientOf(server.url).generate(request, { timeoutMs: 50 }));
    expect(error).toMatchObject({ kind: 'timed_out', outcome: 'unknown', attempts: 1 });
    expect(error.message).toMatch(
      /^The request timed out after 0.05 s, before a response arrived. It may .* Raise timeoutMs/,
    );
  });

  test('the error of a cancellation says whether the request was sent', async () => {
    const leaving = new AbortController();
    await using server = await startTestServer(() => leaving.abort());
    const before = await clientFailure(clientOf(server.url).generate(request, { signal: AbortSignal.abort() }));
    expect(before).toMatchObject({ kind: 'canceled', outcome: 'not_billed', attempts: 0 });
    expect(server.requests).toHaveLength(0);
    const during = await clientFailure(clientOf(server.url).generate(request, { signal: leaving.signal }));
    expect(during).toMatchObject({ kind: 'canceled', outcome: 'unknown' });
  });

  test('canceled between two attempts, a call fails with the error of the last one', async () => {
    await using server = await startTestServer((_r, response) =>
      sendJson(response, 429, { error: { message: 'slow' } }, { 'retry-after': '20' }),
    );
    const leaving = new AbortController();
    const client = createClient({
      baseUrl: server.url,
      apiKey: 'k',
      hooks: { retry: () => void setImmediate(() => leaving.abort()) },
    });
    const error = await clientFailure(client.generate(request, { signal: leaving.signal }));
    expect(error).toMatchObject({ kind: 'rate_limited', outcome: 'not_billed', attempts: 1 });
  });
});

describe('an error has every fact that is known', () => {
  test('a response that breaks off has its status and its request id', async () => {
    await using server = await startTestServer((_r, response) => {
      response.writeHead(200, { 'content-length': '1000', 'x-request-id': 'r1' });
      response.write('{"data":[', () => setImmediate(() => response.destroy()));
    });
    const error = await clientFailure(clientOf(server.url).generate(request));
    expect(error).toMatchObject({ kind: 'connection_lost', status: 200, requestId: 'r1', outcome: 'unknown' });
  });

  test('an error whose body breaks off is judged by its status', async () => {
    await using server = await startTestServer((_r, response) => {
      response.writeHead(413, { 'content-length': '1000' });
      response.write('{"error":', () => setImmediate(() => response.destroy()));
    });
    const error = await clientFailure(clientOf(server.url).generate(request));
    expect(error).toMatchObject({ kind: 'refused', status: 413, outcome: 'not_billed' });
  });

  test('an error next to an empty list of images is an error', async () => {
    await using server = await startTestServer((_r, response) =>
      sendJson(response, 200, { data: [], error: { message: 'no', code: 'data_inspection_failed' } }),
    );
    const error = await clientFailure(clientOf(server.url).generate(request));
    expect(error).toMatchObject({ kind: 'content_refused', outcome: 'not_billed' });
  });

  test.each([302, 303, 424, 499])('a %i leaves the outcome unknown', async (status) => {
    await using server = await startTestServer((_r, response) => sendJson(response, status, {}));
    expect(await clientFailure(clientOf(server.url).generate(request))).toMatchObject({
      outcome: 'unknown',
      attempts: 1,
    });
  });

  test('a server that switches protocols does not block the call', async () => {
    await using server = await startTestServer((_r, response) => {
      response.socket?.end('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n');
    });
    const client = createNodeClient({ baseUrl: server.url, apiKey: 'sk-test-key-123456', retry });
    expect(await clientFailure(client.generate(request))).toMatchObject({
      kind: 'connection_lost',
      outcome: 'unknown',
    });
  });

  test('an image above maxImageBytes was billed, and the request is not retried', async () => {
    await using server = await startTestServer((_r, response) =>
      sendJson(response, 200, { data: [{ b64_json: Buffer.alloc(2000).toString('base64') }] }),
    );
    const client = createClient({
      baseUrl: server.url,
      apiKey: 'k',
      maxImageBytes: 1000,
      retry: { ...retry, unknownOutcomes: true },
    });
    const error = await clientFailure(client.generate(request));
    expect(error).toMatchObject({ kind: 'unreadable_response', fault: 'caller', outcome: 'billed', attempts: 1 });
  });
});

test('custom headers cannot duplicate headers of the client in another case', async () => {
  await using server = await startTestServer(ok);
  const headers = { 'Idempotency-Key': 'fixed', Authorization: 'Basic abc', 'Content-Type': 'text/x', 'X-More': 'a' };
  const client = createClient({ baseUrl: server.url, apiKey: 'sk-test-key-123456', headers });
  await client.generate(request, { idempotencyKey: 'mine' });
  expect(server.requests[0]?.headers).toMatchObject({
    'idempotency-key': 'mine',
    authorization: 'Bearer sk-test-key-123456',
    'content-type': 'application/json',
    'x-more': 'a',
  });
});

test('an undefined option has its default', async () => {
  await using server = await startTestServer(ok);
  const undefinedOptions = { transport: undefined, clock: undefined, retry: { maxRetries: undefined } };
  const options = { baseUrl: server.url, apiKey: 'k', ...undefinedOptions } as unknown as { apiKey: string };
  expect((await createClient(options).generate(request)).images).toHaveLength(1);
});

describe('invalid options are refused before anything is sent', () => {
  test.each<[string, object, object]>([
    ['idempotencyKey', {}, { idempotencyKey: '图' }],
    ['sink', {}, { sink: {} }],
    ['sink', { response_format: 'url' }, { sink: async () => undefined }],
    ['signal', {}, { signal: new AbortController() }],
    ['timeout', {}, { timeout: 5 }],
    ['timeoutMs', {}, { timeoutMs: Number.NaN }],
    ['retry.maxRetries', {}, { retry: { maxRetries: Number.NaN } }],
    ['extra', { extra: { big: 1n } }, {}],
  ])('%s', async (_param, input, options) => {
    await using server = await startTestServer(ok);
    const error = await clientFailure(clientOf(server.url).generate({ ...request, ...input }, options));
    expect(error).toMatchObject({ kind: 'invalid_request', outcome: 'not_billed', attempts: 0 });
    expect(server.requests).toHaveLength(0);
  });

  test.each([
    ['header "x-a"', { headers: { 'x-a': 'b\nc' } }],
    ['timeoutMs', { timeoutMs: 0 }],
    ['idleTimeoutMs', { idleTimeoutMs: Number.NaN }],
    ['baseUrl', { baseUrl: 'http://me:hunter2@a.example' }],
    ['baseUrl', { baseUrl: 'http://a.example:99999' }],
  ])('an invalid %s of the client', (param, options) => {
    const make = (): unknown => createClient({ baseUrl: 'http://a.example', apiKey: 'k', ...options });
    expect(make).toThrow(param);
    expect(make).not.toThrow('hunter2');
  });

  test('timeouts may be infinite', async () => {
    await using server = await startTestServer(ok);
    const options = { baseUrl: server.url, apiKey: 'k', timeoutMs: Number.POSITIVE_INFINITY, idleTimeoutMs: 1e12 };
    expect((await createClient(options).generate(request)).images).toHaveLength(1);
  });
});

describe('a client with invalid options cannot be created', () => {
  test.each(['', '127.0.0.1:3000', 'localhost:3000', 'ftp://a.example', 'http://', 'http://a b'])(
    'baseUrl %j',
    (baseUrl) => {
      expect(() => createClient({ baseUrl, apiKey: 'k' })).toThrow('baseUrl must be a URL');
    },
  );

  test.each([
    ['baseURL', { baseURL: 'http://127.0.0.1:1' }, 'Did you mean baseUrl?'],
    ['retry.retries', { retry: { retries: 3 } }, 'Known options: maxRetries'],
    ['hooks.onRequest', { hooks: { onRequest: () => undefined } }, 'Unknown option'],
    ['timeoutMs', { timeoutMs: '60' }, 'must be a number'],
  ])('%s is refused', (_name, options, message) => {
    expect(() => createClient({ apiKey: 'k', ...options } as { apiKey: string })).toThrow(message);
  });

  test.each(['', 'a b', 'a\nb', '“quoted”', '"k"', 'Bearer k', undefined])(
    'apiKey %j is refused without being quoted',
    (apiKey) => {
      const make = (): unknown => createHistoryClient({ apiKey });
      expect(make).toThrow(/Invalid apiKey|apiKey is missing/);
      if (apiKey) expect(make).not.toThrow(apiKey);
    },
  );
});

test('a port that fetch blocks is a failed connection', async () => {
  const error = await clientFailure(clientOf('http://127.0.0.1:9').generate(request));
  expect(error).toMatchObject({ kind: 'connection_failed', outcome: 'not_billed' });
});

test('an operation that is free of charge is never billed', async () => {
  await using server = await startTestServer((_request, response) =>
    sendJson(response, 503, { error: { message: 'down' } }),
  );
  const error = await clientFailure(clientOf(server.url).models());
  // Retried, because that is free of charge too.
  expect(error).toMatchObject({ kind: 'server_failed', outcome: 'not_billed', status: 503, attempts: 4 });
  expect(error.message).toBe('down. Nothing was billed: try again.');
});

test('models and records are read with the same retries', async () => {
  const list = { object: 'list', data: [], has_more: false, next_cursor: null };
  await using server = await startTestServer((received, response) =>
    sendJson(response, 200, received.path.startsWith('/v1/models') ? { data: [{ id: 'wan2.7-image' }] } : list),
  );
  const options = { baseUrl: server.url, apiKey: 'k' };
  expect((await createClient(options).models()).data[0]?.id).toBe('wan2.7-image');
  expect(await createHistoryClient(options).page({ limit: 5, cursor: 'c' })).toEqual(list);
  expect(server.requests.map((received) => received.path)).toEqual(['/v1/models', '/v1/generations?limit=5&cursor=c']);
});
