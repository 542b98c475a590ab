import { describe, expect, test } from 'vitest';
import { responses, SMALL, startVendor, type Respond } from '../support/n8n/vendor.ts';
import { errorOf, NODE, workbench } from '../support/n8n/wan-image.ts';

/** No billed image is lost, and only images become files. */

const { run, engine } = workbench();

const base64 = SMALL.toString('base64');

describe('a response without images is an error, and never an empty file', () => {
  test.each<[string, Respond]>([
    ['no entries', responses([])],
    ['empty entries', responses([{ url: '', b64_json: '' }, {}])],
    ['entries of null', responses([null])],
    ['only a text', responses([{ revised_prompt: 'I cannot generate that.' }])],
    [
      'a chat message',
      (response) => response.writeHead(200).end('{"choices":[{"message":{"content":"Sorry"}}]}') as never,
    ],
    ['an empty body', (response) => response.writeHead(200).end() as never],
    ['a web page', (response) => response.writeHead(200).end('<html><title>Hello</title></html>') as never],
  ])('%s', async (_name, response) => {
    for (const output of ['both', 'binary', 'url']) {
      await using vendor = await startVendor({ generate: () => response });
      const ran = await run(vendor, { output });
      const { message, context } = errorOf(ran);
      expect(message).toContain('It may have been billed');
      expect(context?.['itemIndex']).toBe(0);
      expect(ran.output(NODE)).toEqual([]);
      expect(vendor.posts).toHaveLength(1);
    }
  });
});

describe('a response in another form than requested', () => {
  test.each(['both', 'url'])('with bytes instead of a URL gives a file of those bytes (output %s)', async (output) => {
    await using vendor = await startVendor({ generate: () => responses([{ url: '', b64_json: base64 }]) });
    const { error, output: items } = await run(vendor, { output });
    expect(error?.message).toBeUndefined();
    const [item] = items(NODE);
    expect(item!.json).toMatchObject({ url: null, width: 320, height: 240 });
    expect(await (await engine()).bytes(item!.binary!['data']!)).toEqual(SMALL);
  });

  test('with a URL instead of bytes gives a file downloaded from that URL', async () => {
    await using vendor = await startVendor({ generate: ({ url }) => responses([{ url: `${url}/images/0` }]) });
    const { error, output } = await run(vendor, { output: 'binary' });
    expect(error?.message).toBeUndefined();
    expect(await (await engine()).bytes(output(NODE)[0]!.binary!['data']!)).toEqual(SMALL);
  });
});

describe('when the service returns fewer images than requested', () => {
  test.each(['both', 'binary', 'url'])('those are items, with a warning (output %s)', async (output) => {
    await using vendor = await startVendor({
      generate: ({ url }) => responses([{ url: `${url}/images/0` }, { url: '' }, { b64_json: base64 }]),
    });
    const ran = await run(vendor, { output, numberOfImages: 4 });
    expect(ran.error?.message).toBeUndefined();
    expect(ran.output(NODE)).toHaveLength(2);
    for (const { json } of ran.output(NODE)) expect(json['warning']).toContain('returned 2 of 4 images');
    expect(ran.hints(NODE)).toEqual([
      expect.objectContaining({
        type: 'warning',
        message: expect.stringContaining('returned 2 of 4 images') as string,
      }),
    ]);
  });

  test('an image set has no warning, because the model decides the number', async () => {
    await using vendor = await startVendor({ generate: ({ url }) => responses([{ url: `${url}/images/0` }]) });
    const ran = await run(vendor, { imageSet: true, maximumImages: 4 });
    expect(ran.output(NODE)[0]!.json).not.toHaveProperty('warning');
    expect(ran.hints(NODE)).toEqual([]);
  });

  test('all images of a set of twelve are items', async () => {
    await using vendor = await startVendor();
    for (const output of ['both', 'binary', 'url']) {
      const items = (await run(vendor, { output, imageSet: true })).output(NODE);
      expect(items.map(({ json }) => json['index'])).toEqual(Array.from({ length: 12 }, (_, index) => index));
    }
  });
});

describe('a response that breaks off', () => {
  const cut =
    (entries: readonly object[]): Respond =>
    (response) => {
      const text = JSON.stringify({ created: 1, data: entries });
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': text.length });
      // In the middle of the last image.
      response.write(text.slice(0, -200), () => setTimeout(() => response.destroy(), 20));
    };

  test('gives the images that had arrived, with a warning', async () => {
    await using vendor = await startVendor({
      generate: () => cut([{ b64_json: base64 }, { b64_json: base64 }, { b64_json: base64 }]),
    });
    const ran = await run(vendor, { output: 'binary', numberOfImages: 3 });
    expect(ran.error?.message).toBeUndefined();
    expect(ran.output(NODE)).toHaveLength(2);
    expect(ran.output(NODE)[0]!.json['warning']).toContain('paid for and are not lost');
    expect(ran.hints(NODE)).toHaveLength(1);
    expect(await (await engine()).bytes(ran.output(NODE)[1]!.binary!['data']!)).toEqual(SMALL);
    expect(vendor.posts).toHaveLength(1);
  });

  test('before the first image is an error with an unknown outcome', async () => {
    await using vendor = await startVendor({ generate: () => cut([{ b64_json: base64 }]) });
    const ran = await run(vendor, { output: 'binary' });
    expect(errorOf(ran).message).toContain('It may have been billed');
    expect(vendor.posts).toHaveLength(1);
  });

  test('gives no file for an image that is not base64', async () => {
    await using vendor = await startVendor({
      generate: () => responses([{ b64_json: base64 }, { b64_json: 'no base64 at all!' }]),
    });
    const ran = await run(vendor, { output: 'binary', numberOfImages: 2 });
    expect(ran.output(NODE)).toHaveLength(1);
    expect(ran.output(NODE)[0]!.json['warning']).toContain('not base64');
  });
});
