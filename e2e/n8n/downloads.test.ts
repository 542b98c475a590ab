import { eventually } from '@wan-image/testing/eventually';
import { describe, expect, test } from 'vitest';
import { SMALL, startVendor, type Respond } from '../support/n8n/vendor.ts';
import { API_KEY, errorOf, factsOf, NODE, workbench } from '../support/n8n/wan-image.ts';

/** The download of billed images from their URLs. */

const { run, engine } = workbench();

const broken: Respond = (response) => {
  response.writeHead(200, { 'content-type': 'image/png', 'content-length': SMALL.length });
  response.write(SMALL.subarray(0, SMALL.length - 20), () => setTimeout(() => response.destroy(), 20));
};
const status =
  (code: number, headers = {}): Respond =>
  (response) =>
    void response.writeHead(code, headers).end('<Error><Code>AccessDenied</Code></Error>');

const continues = { node: { onError: 'continueRegularOutput' as const } };

test.each(['both', 'url'])(
  'the image host gets neither the API key nor anything else of the request (output %s)',
  async (output) => {
    await using vendor = await startVendor();
    await run(vendor, { output });
    expect(vendor.downloads).toHaveLength(1);
    expect(vendor.posts[0]!.headers['authorization']).toBe(`Bearer ${API_KEY}`);
    const [{ headers, method, body }] = vendor.downloads as [(typeof vendor.downloads)[0]];
    expect(method).toBe('GET');
    expect(body).toBe('');
    expect(JSON.stringify(headers)).not.toContain(API_KEY);
    for (const name of ['authorization', 'cookie', 'idempotency-key', 'content-type'])
      expect(headers[name]).toBeUndefined();
  },
);

describe('an image whose URL fails', () => {
  test.each([403, 410])('(%i) is an error that says that it is billed, without a retry', async (code) => {
    await using vendor = await startVendor({ download: () => status(code) });
    const error = errorOf(await run(vendor));
    expect(error.message).toContain('The image was generated, but could not be downloaded');
    expect(error.description).toContain('The image is billed');
    // The download sends no API key, so the key is not the reason.
    expect(error.message).not.toContain('API key');
    expect(error).toMatchObject({ httpCode: String(code), context: { itemIndex: 0 } });
    expect(error.context?.['images']).toEqual([expect.objectContaining({ url: `${vendor.url}/images/0` })]);
    expect(vendor.posts).toHaveLength(1);
    expect(vendor.downloads).toHaveLength(1);
  });

  // An image store may have an image only after a moment.
  test('(404) is an error after three retries', async () => {
    await using vendor = await startVendor({ download: () => status(404) });
    const error = errorOf(await run(vendor));
    expect(error.message).toContain('The image was generated, but could not be downloaded');
    expect(error.httpCode).toBe('404');
    expect(vendor.downloads).toHaveLength(4);
    expect(vendor.posts).toHaveLength(1);
  });

  test('is an item with its URL when the workflow continues on errors', async () => {
    await using vendor = await startVendor({ download: () => status(403) });
    const [item] = (await run(vendor, {}, continues)).output(NODE);
    expect(factsOf(item!)).toMatchObject({
      url: `${vendor.url}/images/0`,
      outcome: 'billed',
      kind: 'download_failed',
      index: 0,
      model: 'wan2.7-image-pro',
    });
    expect(item!.pairedItem).toEqual({ item: 0 });
    expect(item!.json['message']).toContain('could not be downloaded');
    expect(item!.binary).toBeUndefined();
  });

  test('is no failure when the output is the URL: only width and height are missing', async () => {
    await using vendor = await startVendor({ download: () => status(403) });
    const ran = await run(vendor, { output: 'url' });
    expect(ran.error?.message).toBeUndefined();
    expect(ran.output(NODE)[0]!.json).toMatchObject({ url: `${vendor.url}/images/0`, width: null, height: null });
  });

  test('does not affect the other images', async () => {
    await using vendor = await startVendor({ download: ({ path }) => (path.endsWith('1') ? status(403) : undefined) });
    const items = (await run(vendor, { numberOfImages: 3 }, continues)).output(NODE);
    expect(items).toHaveLength(3);
    expect(items.filter(({ binary }) => binary !== undefined).map(({ json }) => json['index'])).toEqual([0, 2]);
    expect(items.filter(({ json }) => 'error' in json).map((item) => factsOf(item)['index'])).toEqual([1]);
  });
});

describe('a download that breaks in the middle', () => {
  test('is retried, and the file is complete', async () => {
    await using vendor = await startVendor({ download: ({ count }) => (count < 3 ? broken : undefined) });
    const ran = await run(vendor);
    expect(ran.error?.message).toBeUndefined();
    expect(await (await engine()).bytes(ran.output(NODE)[0]!.binary!['data']!)).toEqual(SMALL);
    expect(vendor.downloads).toHaveLength(3);
    expect(vendor.posts).toHaveLength(1);
  });

  test('three times is an error of its item, which keeps the URL', async () => {
    await using vendor = await startVendor({ download: () => broken });
    const ran = await run(vendor, {}, continues);
    expect(ran.output(NODE)).toHaveLength(1);
    expect(factsOf(ran.output(NODE)[0]!)).toMatchObject({
      url: `${vendor.url}/images/0`,
      outcome: 'billed',
      kind: 'download_failed',
    });
    expect(vendor.downloads).toHaveLength(3);
    expect(vendor.posts).toHaveLength(1);
  });

  test('is not retried when the output is the URL', async () => {
    await using vendor = await startVendor({ download: () => broken });
    const ran = await run(vendor, { output: 'url' });
    expect(ran.output(NODE)[0]!.json).toMatchObject({ url: `${vendor.url}/images/0`, width: 320 });
    expect(vendor.downloads).toHaveLength(1);
  });
});

describe('an image URL that redirects', () => {
  test('is followed', async () => {
    await using vendor = await startVendor({
      download: ({ path }) => (path.startsWith('/images') ? status(302, { location: '/moved/0' }) : undefined),
    });
    const ran = await run(vendor);
    expect(ran.error?.message).toBeUndefined();
    expect(await (await engine()).bytes(ran.output(NODE)[0]!.binary!['data']!)).toEqual(SMALL);
    expect(vendor.downloads.map(({ path }) => path)).toEqual(['/images/0', '/moved/0']);
  });

  test.each([
    ['127.0.0.1', 'another port of this machine'],
    ['localhost', 'this machine by name'],
    ['169.254.169.254', 'the metadata of a cloud'],
    ['[::ffff:10.0.0.1]', 'a private network'],
  ])('is not followed to %s: %s', async (host) => {
    await using secret = await startVendor();
    const { port } = new URL(secret.url);
    await using vendor = await startVendor({ download: () => status(302, { location: `http://${host}:${port}/x` }) });
    const error = errorOf(await run(vendor));
    expect(error.message).toContain('is not on the public internet');
    // The remedy must be a setting of the node.
    expect(`${error.message} ${error.description}`).not.toContain('allowPrivateHosts');
    expect(error.description).toContain(
      'add that host to Image Hosts in the credential, or choose Binary or URL as the Output',
    );
    expect(secret.downloads).toEqual([]);
  });

  test('in a circle is an error', async () => {
    await using vendor = await startVendor({ download: ({ path }) => status(302, { location: path }) });
    expect(errorOf(await run(vendor)).message).toContain('redirects more than 5 times');
  });
});

test('when the output is the URL, only the header of the image is downloaded', async () => {
  let closed = false;
  await using vendor = await startVendor({
    download: () => (response) => {
      response.on('close', () => (closed = true));
      response.writeHead(200, { 'content-type': 'image/png', 'content-length': 100_000_000 });
      response.write(SMALL);
    },
  });
  const ran = await run(vendor, { output: 'url' });
  expect(ran.output(NODE)[0]!.json).toMatchObject({ width: 320, height: 240 });
  await eventually(() => expect(closed).toBe(true));
});

test('a failed download does not reveal the signature of the URL', async () => {
  await using vendor = await startVendor({
    generate:
      ({ url }) =>
      (response) =>
        void response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify({ data: [{ url: `${url}/images/0?Expires=1&Signature=hush-hush` }] })),
    download: () => status(403),
  });
  const error = errorOf(await run(vendor));
  // The URL of the billed image is in the context, and in no text.
  expect(JSON.stringify(error.context?.['images'])).toContain('hush-hush');
  expect([error.message, error.description, error.stack].join('\n')).not.toContain('hush-hush');
});
