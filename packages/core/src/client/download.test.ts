import { sendJson, startTestServer, type Respond } from '@wan-image/testing/http-server';
import { describe, expect, test } from 'vitest';
import { createClient as createFetchClient, type ClientOptions } from '../index.ts';
import { createClient as createNodeClient } from '../index.node.ts';

const retry = { baseDelayMs: 1 };

async function read(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all).toString();
}

describe.each([
  ["Node's own HTTP client", createNodeClient],
  ['fetch', createFetchClient],
])('over %s', (_name, createClient) => {
  const open = (baseUrl: string, options: Partial<ClientOptions> = {}) =>
    createClient({
      baseUrl,
      apiKey: 'sk-test-key-123456',
      retry,
      headers: { 'x-api-key': 'other-secret' },
      ...options,
    });

  test('an image is downloaded without credentials, with its query unchanged', async () => {
    await using server = await startTestServer((_request, response) => void response.end('PIXELS!'));
    expect(await read(open(server.url).download(`${server.url}/a.png?Signature=a%2Fb`))).toBe('PIXELS!');
    const headers = server.requests[0]?.headers;
    expect([headers?.authorization, headers?.['x-api-key'], server.requests[0]?.path]).toEqual([
      undefined,
      undefined,
      '/a.png?Signature=a%2Fb',
    ]);
  });

  test.each([404, 429, 500, 503])('a download that fails with %i is retried: the image is paid for', async (status) => {
    await using server = await startTestServer((_request, response, count) => {
      if (count < 3) response.writeHead(status).end();
      else response.end('PIXELS!');
    });
    expect(await read(open(server.url).download(`${server.url}/a.png`))).toBe('PIXELS!');
    expect(server.requests).toHaveLength(3);
  });

  test.each([
    [403, 1],
    [503, 4],
  ])('a download that keeps failing with %i is a billed failure after %i attempts', async (status, tries) => {
    await using server = await startTestServer((_request, response) => void response.writeHead(status).end());
    const work = read(open(server.url).download(`${server.url}/a.png`));
    await expect(work).rejects.toMatchObject({ kind: 'download_failed', outcome: 'billed', status, attempts: tries });
    await expect(work).rejects.toThrow('The image was generated, but could not be downloaded');
    expect(server.requests).toHaveLength(tries);
  });

  test('an image that breaks in the middle is an error, not a shorter image', async () => {
    await using server = await startTestServer((_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('PIX', () => setImmediate(() => response.destroy()));
    });
    const work = read(open(server.url).download(`${server.url}/a.png`));
    await expect(work).rejects.toMatchObject({
      kind: 'download_failed',
      outcome: 'billed',
      retryable: true,
      attempts: 1,
    });
  });

  test('bytes() is retried after a failure in the middle: no byte has been delivered yet', async () => {
    await using server = await startTestServer(({ method, headers }, response, count) => {
      if (method === 'POST') return sendJson(response, 200, { data: [{ url: `http://${headers.host}/a.png` }] });
      response.writeHead(200, { 'content-length': '7' });
      if (count === 3) response.end('PIXELS!');
      else response.write('PIX', () => setImmediate(() => response.destroy()));
    });
    const [image] = (await open(server.url).generate({ model: 'wan2.7-image', prompt: '花' })).images;
    expect(Buffer.from((await image?.bytes()) ?? []).toString()).toBe('PIXELS!');
    expect(server.requests).toHaveLength(3);
  });

  test('an image above maxImageBytes is an error', async () => {
    await using server = await startTestServer((_request, response) => void response.end('x'.repeat(1000)));
    const work = read(open(server.url, { maxImageBytes: 999 }).download(`${server.url}/a.png`));
    const error = await work.catch((cause: unknown) => cause);
    expect(error).toMatchObject({ kind: 'download_failed', remedy: 'raise_max_image_bytes', limit: 999 });
    expect((error as Error).message).toMatch(/it is larger than 999 bytes\..* Raise maxImageBytes/);
  });

  const redirecting =
    (to: string): Respond =>
    ({ path, headers }, response) =>
      path === '/a.png'
        ? void response.writeHead(302, { location: to.replace('HOST', headers.host ?? '') }).end()
        : void response.end(`IMAGE ${path}`);

  test.each([['/b.png'], ['http://HOST/b.png']])('a redirect to %s is followed', async (location) => {
    await using server = await startTestServer(redirecting(location));
    expect(await read(open(server.url).download(`${server.url}/a.png`))).toBe('IMAGE /b.png');
  });

  test('a redirect to a private address is followed only with allowPrivateHosts', async () => {
    await using inside = await startTestServer((_request, response) => void response.end('SECRET'));
    await using server = await startTestServer(redirecting(`${inside.url}/b.png`));
    const work = read(open(server.url).download(`${server.url}/a.png`));
    await expect(work).rejects.toMatchObject({ kind: 'download_failed', outcome: 'billed', attempts: 1 });
    await expect(work).rejects.toMatchObject({ remedy: 'allow_private_hosts' });
    await expect(work).rejects.toThrow(/127\.0\.0\.1 is not on the public internet.* Set allowPrivateHosts/);
    expect(inside.requests).toHaveLength(0);
    expect(await read(open(server.url, { allowPrivateHosts: true }).download(`${server.url}/a.png`))).toBe('SECRET');
  });

  test('the loopback names are one host if the base URL has one of them, on its port alone', async () => {
    await using server = await startTestServer((_request, response) => void response.end('IMAGE'));
    await using other = await startTestServer((_request, response) => void response.end('SECRET'));
    const local = open(server.url.replace('127.0.0.1', 'localhost'));
    expect(await read(local.download(`${server.url}/a.png`))).toBe('IMAGE');
    await expect(read(local.download(`${other.url}/a.png`))).rejects.toMatchObject({ remedy: 'allow_private_hosts' });
    const remote = open('http://192.0.2.1:3000');
    await expect(read(remote.download(`${server.url}/a.png`))).rejects.toMatchObject({ remedy: 'allow_private_hosts' });
    expect(other.requests).toHaveLength(0);
  });

  test('a trusted host may be private, with any port or with one', async () => {
    await using server = await startTestServer((_request, response) => void response.end('IMAGE'));
    const base = 'http://history.internal:8080/wan';
    const { host, port } = new URL(server.url);
    for (const trusted of ['127.0.0.1', host]) {
      expect(await read(open(base, { trustedHosts: [trusted] }).download(`${server.url}/a.png`))).toBe('IMAGE');
    }
    for (const trustedHosts of [[`127.0.0.1:${Number(port) - 1}`], ['localhost'], []]) {
      const work = read(open(base, { trustedHosts }).download(`${server.url}/a.png`));
      await expect(work).rejects.toMatchObject({ remedy: 'allow_private_hosts' });
    }
    expect(server.requests).toHaveLength(2);
  });

  test.each(['http://images.internal', 'images.internal/path', '', 7])('the trusted host %j is refused', (host) => {
    expect(() => open('http://127.0.0.1', { trustedHosts: [host as string] })).toThrow(
      'trustedHosts must be hosts such as',
    );
  });

  test.each(['/a.png', 'ftp://example.com/b.png', 'file:///etc/passwd'])(
    'a redirect loop, or a redirect to %s, is refused',
    async (to) => {
      await using server = await startTestServer(redirecting(to));
      const work = read(open(server.url).download(`${server.url}/a.png`));
      await expect(work).rejects.toMatchObject({ kind: 'download_failed', attempts: 1 });
    },
  );

  test('a redirect of a generation is not followed: another server could bill for it', async () => {
    await using server = await startTestServer((_request, response) =>
      sendJson(response, 307, {}, { location: 'https://elsewhere.example/' }),
    );
    const work = open(server.url).generate({ model: 'wan2.7-image', prompt: '花' });
    await expect(work).rejects.toMatchObject({ kind: 'refused', outcome: 'not_billed', status: 307, attempts: 1 });
    await expect(work).rejects.toThrow('set baseUrl to the target');
  });
});
