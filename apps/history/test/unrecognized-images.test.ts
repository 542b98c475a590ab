import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { sendJson, startTestServer, type TestServer } from '@wan-image/testing/http-server';
import { encodeImage } from '@wan-image/testing/images';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { fetchChecked, fetchStreaming, generate, imageAt, recordOf } from './support/requests.ts';
import { openTestData, runHistory, upstreamAt } from './support/test-history.ts';

const request = { model: 'wan2.7-image', prompt: '花', size: '1K' };

/** An upstream that sends these bytes as one image, in the requested format. */
function startUpstream(bytes: Buffer): Promise<TestServer & AsyncDisposable> {
  return startTestServer((received, response) => {
    if (received.method === 'GET') {
      response.writeHead(200, { 'content-type': 'image/png' }).end(bytes);
      return;
    }
    const isBase64 = received.body.includes('b64_json');
    const image = isBase64 ? { b64_json: bytes.toString('base64') } : { url: `http://${received.headers.host}/a.png` };
    sendJson(response, 200, { created: 1, data: [image] });
  });
}

const png = await encodeImage({ format: 'png', width: 300, height: 200 });
const pixels = { create: { width: 32, height: 32, channels: 3, background: 'red' } } as const;

const KINDS: readonly (readonly [name: string, bytes: Buffer, mimeType: string])[] = [
  ['a GIF', await sharp(pixels).gif().toBuffer(), 'image/gif'],
  ['an AVIF', await sharp(pixels).avif().toBuffer(), 'image/avif'],
  ['a TIFF', await sharp(pixels).tiff().toBuffer(), 'image/tiff'],
  ['a PNG without its header', png.subarray(0, 20), 'image/png'],
  // Not from a URL: a page there may be gone at the next attempt.
  ['a web page with a script', Buffer.from('<html><script>alert(1)</script></html>'), 'application/octet-stream'],
  ['random bytes', createHash('sha512').update('花').digest(), 'application/octet-stream'],
];

test.each(
  KINDS.flatMap(([name, bytes, type]) =>
    (name.startsWith('a web page') ? (['b64_json'] as const) : (['url', 'b64_json'] as const)).map(
      (format) => [name, bytes, type, format] as const,
    ),
  ),
)('%s that was paid for is kept as it came, and served as a download', async (_name, bytes, mimeType, format) => {
  await using upstream = await startUpstream(bytes);
  await using testData = await openTestData();
  await using history = await runHistory(testData, upstreamAt(upstream.url));
  const headers = { 'idempotency-key': 'one' };
  const response = await generate(history.url, { ...request, response_format: format }, headers);
  expect(response.status).toBe(200);
  if (format === 'b64_json') expect(response.body.data).toEqual([{ b64_json: bytes.toString('base64') }]);
  const record = await recordOf(history.url, response);
  const [image] = record.images;
  expect(image).toMatchObject({
    state: 'stored',
    mime_type: mimeType,
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    width: null,
    height: null,
    warning: expect.stringContaining('served as a download'),
  });
  const url = image?.url ?? '';
  if (format === 'url') expect(response.body.data).toEqual([{ url }]);
  for (const path of [url, `${url}&width=160`]) {
    const served = await fetchChecked(path);
    expect(Buffer.from(await served.arrayBuffer()).equals(bytes)).toBe(true);
    expect(Object.fromEntries(served.headers)).toMatchObject({
      'content-type': mimeType,
      'content-disposition': expect.stringMatching(/^attachment;/),
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining('sandbox'),
    });
  }
  const again = await generate(history.url, { ...request, response_format: format }, headers);
  expect(again.body).toEqual(response.body);
});

test('an image of a known format has no warning, and is shown', async () => {
  await using upstream = await startUpstream(png);
  await using testData = await openTestData();
  await using history = await runHistory(testData, upstreamAt(upstream.url));
  const record = await recordOf(history.url, await generate(history.url, request));
  expect(record.images).toMatchObject([{ state: 'stored', width: 300, warning: null }]);
  const served = await fetchChecked(record.images[0]?.url ?? '');
  expect(served.headers.get('content-disposition')).toMatch(/^inline;/);
});

test.each(['url', 'b64_json'] as const)(
  'of compressed bytes that are no image, sent for %s, 16 MiB are taken; the images beside them are kept',
  async (format) => {
    const entries = [png, Buffer.alloc(40_000_000), png].map((bytes) => ({ b64_json: bytes.toString('base64') }));
    const body = gzipSync(JSON.stringify({ created: 1, data: entries }));
    await using upstream = await startTestServer((_received, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(body);
    });
    await using testData = await openTestData();
    await using history = await runHistory(testData, upstreamAt(upstream.url));
    const sent = { ...request, n: 3, response_format: format };
    const response = await fetchStreaming(`${history.url}/v1/images/generations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(sent),
    });
    // Base64 begins with the first image, so the connection ends early.
    const told = await response.text().catch(() => 'More than 16 MiB arrived that are not an image');
    expect(told).toContain('More than 16 MiB arrived that are not an image');
    const record = await recordOf(history.url, { status: 0, headers: response.headers, body: null });
    expect(record).toMatchObject({
      state: 'failed',
      outcome: 'billed',
      images: [
        { index: 0, state: 'stored' },
        { state: 'stored', width: 300 },
      ],
    });
  },
);

test.each(['url', 'b64_json'] as const)(
  'of more than 100 images, sent for %s, 100 are kept and served, and the last says that more came',
  async (format) => {
    // An index of more than 32,767 does not fit into its column.
    const count = format === 'url' ? 40_000 : 150;
    await using upstream = await startTestServer((received, response) => {
      if (received.method === 'GET') {
        response.end(png);
        return;
      }
      const image =
        format === 'url' ? { url: `http://${received.headers.host}/a.png` } : { b64_json: png.toString('base64') };
      sendJson(response, 200, { created: 1, data: Array.from({ length: count }, () => image) });
    });
    await using testData = await openTestData();
    await using history = await runHistory(testData, upstreamAt(upstream.url));
    const response = await generate(history.url, { ...request, response_format: format });
    expect([response.status, response.body.data.length]).toEqual([200, 100]);
    const record = await recordOf(history.url, response);
    expect([record.state, record.outcome]).toEqual(['succeeded', 'billed']);
    expect(record.images.map(({ index, state }) => [index, state])).toEqual(
      Array.from({ length: 100 }, (_, index) => [index, 'stored']),
    );
    const more = `The upstream sent ${count} images. The first 100 are kept; this is the last of them.`;
    expect(record.images.map(({ warning }) => warning)).toEqual([...Array.from({ length: 99 }, () => null), more]);
    expect(await imageAt(record.images[99]?.url ?? '')).toBe('png 300x200');
  },
);

test.each([
  ['a data URI', () => `data:image/png;base64,${png.toString('base64')}`],
  ['the path of an image', () => '/files/a.png?Signature=s'],
  ['the host and path of an image', (host: string) => `//${host}/files/a.png`],
])('%s as the URL of a result is its image', async (_name, urlOf) => {
  await using upstream = await startTestServer((received, response) => {
    if (received.method === 'GET') response.end(png);
    else sendJson(response, 200, { created: 1, data: [{ url: urlOf(received.headers.host ?? '') }] });
  });
  await using testData = await openTestData();
  await using history = await runHistory(testData, upstreamAt(upstream.url));
  const asUrl = await generate(history.url, request);
  expect(asUrl.body.data[0]?.url).toContain(history.url);
  expect(await imageAt(asUrl.body.data[0]?.url ?? '')).toBe('png 300x200');
  const asBase64 = await generate(history.url, { ...request, response_format: 'b64_json' });
  expect(asBase64.body.data).toEqual([{ b64_json: png.toString('base64') }]);
});

test('base64 waits for an image that its host serves only some moments after its URL', async () => {
  let misses = 0;
  await using upstream = await startTestServer((received, response) => {
    if (received.method === 'POST')
      return sendJson(response, 200, { created: 1, data: [{ url: `http://${received.headers.host}/a.png` }] });
    if (misses++ < 3) response.writeHead(404).end();
    else response.end(png);
  });
  await using testData = await openTestData();
  await using history = await runHistory(testData, upstreamAt(upstream.url));
  const response = await generate(history.url, { ...request, response_format: 'b64_json' });
  expect(response.body.data).toEqual([{ b64_json: png.toString('base64') }]);
  expect(misses).toBe(4);
});
