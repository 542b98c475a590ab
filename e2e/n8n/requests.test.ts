import { dataUri } from '@wan-image/testing/images';
import { describe, expect, test } from 'vitest';
import { startVendor, SMALL } from '../support/n8n/vendor.ts';
import { API_KEY, binaryRow, editOf, NODE, urlRow, workbench } from '../support/n8n/wan-image.ts';
import type { JsonObject } from '../support/n8n/types.ts';

/** The requests of the node, as the service receives them. */

const { run } = workbench();

const DEFAULTS = {
  model: 'wan2.7-image-pro',
  prompt: '一间花店',
  enable_sequential: false,
  n: 1,
  size: '2K',
  response_format: 'url',
};

async function sent(parameters: JsonObject, json: JsonObject = {}): Promise<JsonObject> {
  await using vendor = await startVendor();
  const { error } = await run(vendor, parameters, { input: [{ json }] });
  expect(error?.message).toBeUndefined();
  expect(vendor.posts).toHaveLength(1);
  return vendor.bodies[0]!;
}

describe('Generate sends', () => {
  const model = (mode: string, value: string): JsonObject => ({ __rl: true, mode, value });

  test.each<[string, JsonObject, JsonObject]>([
    ['the defaults of a new node', {}, {}],
    ['a model of the list', { model: model('list', 'wan2.7-image') }, { model: 'wan2.7-image' }],
    ['a model by its id', { model: model('id', 'wan2.7-image') }, { model: 'wan2.7-image' }],
    ['the number of images', { numberOfImages: 4 }, { n: 4 }],
    ['a preset of size', { size: '4K' }, { size: '4K' }],
    ['a ratio as pixels', { size: '2560x1440' }, { size: '2560x1440' }],
    ['a custom size', { size: 'custom', width: 1280, height: 720 }, { size: '1280x720' }],
    ['thinking mode switched off', { thinkingMode: false }, { thinking_mode: false }],
    ['a seed of 0', { options: { seed: 0 } }, { seed: 0 }],
    ['a seed', { options: { seed: 2147483647 } }, { seed: 2147483647 }],
    ['a watermark', { options: { watermark: true } }, { watermark: true }],
    ['no watermark, explicitly', { options: { watermark: false } }, { watermark: false }],
    ['a request for bytes when the output is files', { output: 'binary' }, { response_format: 'b64_json' }],
    ['a request for URLs when the output is files and URLs', { output: 'both' }, { response_format: 'url' }],
    ['a request for URLs when the output is URLs', { output: 'url' }, { response_format: 'url' }],
    [
      'additional parameters from text, unchanged',
      { options: { additionalParameters: '{"bbox_list": [[1, 2]], "style": {"a": null}}' } },
      { bbox_list: [[1, 2]], style: { a: null } },
    ],
    [
      'additional parameters from an expression that gives an object',
      { options: { additionalParameters: '={{ { bbox_list: [] } }}' } },
      { bbox_list: [] },
    ],
  ])('%s', async (_what, parameters, expected) => {
    expect(await sent(parameters)).toEqual({ ...DEFAULTS, thinking_mode: true, ...expected });
  });

  test('the maximum of an image set, and no thinking mode, which has no effect there', async () => {
    expect(await sent({ imageSet: true, maximumImages: 7 })).toEqual({ ...DEFAULTS, enable_sequential: true, n: 7 });
  });

  test('an image set of twelve by default', async () => {
    expect(await sent({ imageSet: true })).toEqual({ ...DEFAULTS, enable_sequential: true, n: 12 });
  });
});

describe('Edit sends', () => {
  const url = 'https://example.com/a.png';

  test('one image as a text', async () => {
    expect(await sent(editOf([urlRow(url)]))).toEqual({ ...DEFAULTS, image: url });
  });

  test('several images as a list, in order', async () => {
    const uri = await dataUri({ format: 'jpeg', width: 300, height: 300 });
    expect(await sent(editOf([urlRow(uri), urlRow(url)], { size: '1K' }))).toEqual({
      ...DEFAULTS,
      size: '1K',
      image: [uri, url],
    });
  });

  test('a file as a data URI with the type of its bytes', async () => {
    await using vendor = await startVendor();
    await run(vendor, editOf([binaryRow('photo')]), {
      input: [{ json: {}, binary: { photo: { data: SMALL, fileName: 'photo.jpg', mimeType: 'image/jpeg' } } }],
    });
    expect(vendor.bodies).toEqual([{ ...DEFAULTS, image: `data:image/png;base64,${SMALL.toString('base64')}` }]);
  });

  test('an image set of edited images', async () => {
    expect(await sent(editOf([urlRow(url)], { imageSet: true, maximumImages: 3 }))).toEqual({
      ...DEFAULTS,
      enable_sequential: true,
      n: 3,
      image: url,
    });
  });
});

describe('expressions', () => {
  const texts = { n: '3', yes: 'true', no: ' False ', seed: ' 42 ', w: '1280', h: '720', nothing: '', none: null };

  test('may give numbers and booleans as text', async () => {
    const parameters = {
      numberOfImages: '={{ $json.n }}',
      imageSet: '={{ $json.no }}',
      thinkingMode: '={{ $json.no }}',
      size: 'custom',
      width: '={{ $json.w }}',
      height: '={{ $json.h }}',
      options: { seed: '={{ $json.seed }}', watermark: '={{ $json.yes }}' },
    };
    expect(await sent(parameters, texts)).toEqual({
      ...DEFAULTS,
      n: 3,
      size: '1280x720',
      thinking_mode: false,
      seed: 42,
      watermark: true,
    });
  });

  test('may switch an image set on', async () => {
    expect(await sent({ imageSet: '={{ $json.yes }}', maximumImages: '={{ $json.n }}' }, texts)).toMatchObject({
      enable_sequential: true,
      n: 3,
    });
  });

  test.each(['nothing', 'none', 'missing'])('that leave an optional parameter empty (%s) send nothing', async (key) => {
    const empty = `={{ $json.${key} }}`;
    const options = { seed: empty, watermark: empty, additionalParameters: empty, fileName: empty };
    const body = await sent({ thinkingMode: empty, numberOfImages: empty, options }, texts);
    expect(body).toEqual(DEFAULTS);
  });

  test.each(['nothing', 'none', 'missing'])(
    'that leave an option of the run empty (%s) use its default',
    async (key) => {
      const empty = `={{ $json.${key} }}`;
      const options = { timeout: empty, maximumRetries: empty, concurrency: empty, oneItem: empty };
      expect(await sent({ options }, texts)).toEqual({ ...DEFAULTS, thinking_mode: true });
    },
  );

  test('that leave the size empty use the default size', async () => {
    expect(await sent({ size: '={{ $json.nothing }}' }, texts)).toMatchObject({ size: '2K' });
  });

  test('give each item its own parameters', async () => {
    await using vendor = await startVendor();
    await run(
      vendor,
      {
        prompt: '={{ $json.p }}',
        model: { __rl: true, mode: 'id', value: '={{ $json.m }}' },
        options: { seed: '={{ $json.s }}' },
      },
      {
        input: [{ json: { p: 'one', m: 'wan2.7-image', s: 1 } }, { json: { p: 'two', m: 'wan2.7-image-pro', s: 2 } }],
      },
    );
    expect(vendor.bodies).toMatchObject([
      { prompt: 'one', model: 'wan2.7-image', seed: 1 },
      { prompt: 'two', model: 'wan2.7-image-pro', seed: 2 },
    ]);
  });
});

describe('the headers of a request', () => {
  test('have the API key, the content type and an idempotency key', async () => {
    await using vendor = await startVendor();
    await run(vendor, { output: 'url' });
    expect(vendor.posts[0]).toMatchObject({
      method: 'POST',
      path: '/v1/images/generations',
      headers: {
        authorization: `Bearer ${API_KEY}`,
        'content-type': 'application/json',
        accept: 'application/json',
        'idempotency-key': expect.stringMatching(/^n8n-[0-9a-f]{64}$/) as string,
        'content-length': String(Buffer.byteLength(vendor.posts[0]!.body)),
      },
    });
  });

  test.each(['', '/', '/v1', '/v1/'])('and its path are the same for a base URL that ends with "%s"', async (end) => {
    await using vendor = await startVendor();
    const { output } = await run({ url: ` ${vendor.url}${end} ` }, { output: 'url' });
    expect(output(NODE)).toHaveLength(1);
    expect(vendor.posts[0]!.path).toBe('/v1/images/generations');
  });
});
