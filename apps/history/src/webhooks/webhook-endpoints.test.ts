import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import { startTestServer, type Respond, type TestServer } from '@wan-image/testing/http-server';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { WebhookEndpoints, type TryResult } from './webhook-endpoints.ts';

const NOW = new Date('2026-11-28T12:00:00.000Z');
const LIMIT_MS = 300;

const open = new AsyncDisposableStack();
afterEach(() => restoreLookup());
afterAll(() => open.disposeAsync());

async function receiver(respond: Respond): Promise<TestServer> {
  const server = await startTestServer(respond);
  return open.use(server);
}

const never = new AbortController().signal;

function send(url: string, allowPrivateHosts = true, signal = never): Promise<TryResult> {
  const headers = { 'webhook-id': '1' };
  return new WebhookEndpoints(allowPrivateHosts, LIMIT_MS).send(url, headers, '{"type":"花"}', { now: NOW, signal });
}

const { lookup } = dns;
function restoreLookup(): void {
  dns.lookup = lookup;
  syncBuiltinESMExports();
}

/** Lets names resolve to these addresses, one after the other, the last for ever. */
function resolveTo(...addresses: readonly string[]): void {
  let asked = 0;
  const fake = (_name: string, options: dns.LookupOptions, done: (...result: unknown[]) => void): void => {
    const address = addresses[Math.min(asked++, addresses.length - 1)] ?? '';
    const family = address.includes(':') ? 6 : 4;
    if (options.all) done(null, [{ address, family }]);
    else done(null, address, family);
  };
  dns.lookup = fake as typeof dns.lookup;
  syncBuiltinESMExports();
}

describe('a request', () => {
  test('is a POST of these bytes, and its response tells what came of it', async () => {
    const { url, requests } = await receiver((_request, response) => void response.writeHead(201).end('thanks 花'));
    expect(await send(`${url}/hooks?token=1`)).toEqual({
      isDelivered: true,
      reason: null,
      status: 201,
      body: 'thanks 花',
      retryAfterMs: null,
      isAborted: false,
    });
    expect(requests).toMatchObject([
      {
        method: 'POST',
        path: '/hooks?token=1',
        body: '{"type":"花"}',
        headers: {
          'content-type': 'application/json',
          'content-length': '14',
          'webhook-id': '1',
          'user-agent': expect.stringMatching(/^wan-image-history\//),
        },
      },
    ]);
  });

  test.each([
    [400, 'The endpoint responded with status 400.'],
    [410, 'The endpoint responded with status 410.'],
    [500, 'The endpoint responded with status 500.'],
  ])('with a response of %i failed', async (status, reason) => {
    const { url } = await receiver((_request, response) => void response.writeHead(status).end());
    expect(await send(url)).toMatchObject({ isDelivered: false, status, reason, body: '' });
  });

  test.each([
    ['120', 120_000],
    ['Sat, 28 Nov 2026 13:00:00 GMT', 60 * 60_000],
    ['9999999', 24 * 60 * 60_000],
    ['soon', null],
  ])('may be asked to wait: %s', async (header, retryAfterMs) => {
    const { url } = await receiver(
      (_request, response) => void response.writeHead(429, { 'retry-after': header }).end(),
    );
    expect(await send(url)).toMatchObject({ status: 429, retryAfterMs });
  });

  test.each([301, 302, 303, 307, 308])('is not sent where a %i points', async (status) => {
    const inner = await receiver((_request, response) => void response.end('secret'));
    const { url, requests } = await receiver(
      (_request, response) => void response.writeHead(status, { location: inner.url }).end(),
    );
    const result = await send(url);
    expect(result).toMatchObject({ isDelivered: false, status });
    expect(result.reason).toContain('redirects are not followed');
    expect([requests.length, inner.requests.length]).toEqual([1, 0]);
  });

  test('to nobody failed', async () => {
    const server = await startTestServer(() => undefined);
    await server[Symbol.asyncDispose]();
    expect(await send(server.url)).toMatchObject({ isDelivered: false, status: null, body: null });
    expect((await send(server.url)).reason).toMatch(/^No connection could be made \(ECONNREFUSED\)\.$/);
  });

  test('is stopped by its process', async () => {
    const stopping = new AbortController();
    const { url } = await receiver(() => stopping.abort());
    expect(await send(url, true, stopping.signal)).toMatchObject({ isDelivered: false, isAborted: true });
  });
});

describe('an endpoint that is slow, or lies', () => {
  test('and does not respond holds the try for its limit', async () => {
    const { url } = await receiver(() => undefined);
    const reason = 'The endpoint did not respond within 0.3 s.';
    expect(await send(url)).toMatchObject({ isDelivered: false, status: null, reason, isAborted: false });
  });

  test('and sends headers in drops does too', async () => {
    const { url } = await receiver((_request, { socket }) => {
      socket?.write('HTTP/1.1 200 OK\r\n');
      const timer = setInterval(() => socket?.write('x-more: 1\r\n'), 20);
      socket?.once('close', () => clearInterval(timer));
    });
    expect(await send(url)).toMatchObject({ isDelivered: false, reason: 'The endpoint did not respond within 0.3 s.' });
  });

  test('and sends its body in drops has responded', async () => {
    const closed = Promise.withResolvers<void>();
    const { url } = await receiver((_request, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write('.'), 20);
      response.once('close', () => {
        clearInterval(timer);
        closed.resolve();
      });
    });
    const result = await send(url);
    expect(result).toMatchObject({ isDelivered: true, status: 200, body: expect.stringMatching(/^\.+$/) });
    await closed.promise;
  });

  test('and sends more than anybody reads is cut off', async () => {
    const closed = Promise.withResolvers<void>();
    const { url } = await receiver((_request, response) => {
      response.once('close', () => closed.resolve());
      const more = (): void =>
        void (response.write('花'.repeat(10_000)) ? setImmediate(more) : response.once('drain', more));
      response.writeHead(500, { 'content-length': String(2 ** 40) });
      more();
    });
    // 1,024 bytes are 341 characters, and a part of one.
    expect(await send(url)).toMatchObject({ status: 500, body: '花'.repeat(341) });
    await closed.promise;
  });

  test('and promises more than it sends has responded', async () => {
    const { url } = await receiver((_request, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('a\0b', () => response.destroy());
    });
    expect(await send(url)).toMatchObject({ isDelivered: true, body: 'a\u{fffd}b' });
  });
});

describe('an address that is not public', () => {
  const NOT_PUBLIC = 'WEBHOOK_PRIVATE_HOSTS=true';
  const PRIVATE = [
    'http://127.0.0.1',
    'http://127.1',
    'http://localhost',
    'http://a.localhost',
    'http://[::1]',
    'http://[::]',
    'http://[::ffff:127.0.0.1]',
    'http://[::ffff:7f00:1]',
    'http://0.0.0.0',
    'http://0',
    'http://2130706433',
    'http://0x7f000001',
    'http://0x7f.0.0.1',
    'http://0177.0.0.1',
    'http://017700000001',
    'http://10.0.0.1',
    'http://172.16.0.1',
    'http://192.168.0.1',
    'http://169.254.169.254/latest/meta-data',
    'http://[fe80::1]',
    'http://[fd00::1]',
    'http://100.100.100.200/latest/meta-data',
    'http://metadata.google.internal',
    'http://127.0.0.1.',
    'https://127.0.0.1',
  ];

  test.each(PRIVATE)('%s is refused, when it is set and when it is tried', async (url) => {
    expect(await new WebhookEndpoints(false).problemOf(url)).toContain(NOT_PUBLIC);
    expect(await send(url, false)).toMatchObject({ isDelivered: false, reason: expect.stringContaining(NOT_PUBLIC) });
  });

  test('is allowed if the setting says so', async () => {
    for (const url of PRIVATE) expect(await new WebhookEndpoints(true).problemOf(url)).toBeNull();
  });

  test.each(['127.0.0.1', '::1', '10.1.2.3', '169.254.169.254', '::ffff:127.0.0.1', 'fe80::1%lo'])(
    'behind a name is refused: %s',
    async (address) => {
      resolveTo(address);
      expect(await new WebhookEndpoints(false).problemOf('http://hooks.example.com')).toContain(NOT_PUBLIC);
      const { reason } = await send('http://hooks.example.com', false);
      expect(reason).toContain(NOT_PUBLIC);
      // What a name leads to within the network of the service is not told.
      expect(reason).not.toContain(address);
    },
  );

  test('that a name leads to only later is refused then, and gets no request', async () => {
    const inner = await receiver((_request, response) => void response.end());
    const url = inner.url.replace('127.0.0.1', 'hooks.example.com');
    resolveTo('93.184.216.34', '127.0.0.1');
    expect(await new WebhookEndpoints(false).problemOf(url)).toBeNull();
    expect((await send(url, false)).reason).toContain(NOT_PUBLIC);
    expect(inner.requests).toEqual([]);
  });

  test('is not what a name without an address has', async () => {
    dns.lookup = ((_name: string, _options: object, done: (error: Error) => void) =>
      done(new Error('ENOTFOUND'))) as typeof dns.lookup;
    syncBuiltinESMExports();
    expect(await new WebhookEndpoints(false).problemOf('http://hooks.example.com')).toBeNull();
  });
});
