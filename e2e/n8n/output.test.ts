import { encodeImage, type ImageRecipe } from '@wan-image/testing/images';
import { describe, expect, test } from 'vitest';
import { responses, SMALL, startVendor } from '../support/n8n/vendor.ts';
import { errorOf, NODE, startQuickSimulator, workbench } from '../support/n8n/wan-image.ts';
import type { Item, JsonObject } from '../support/n8n/types.ts';

/** The items that the node returns. */

const { run, engine } = workbench();

const FACTS = {
  model: 'wan2.7-image-pro',
  size: '2K',
  seed: 7,
  total: 2,
  created: 1_785_312_000,
  request_id: 'request-1',
  generation_id: 'generation-1',
};
const TWO = { numberOfImages: 2, options: { seed: 7 } };

async function generated(parameters: JsonObject, images: readonly Buffer[] = [SMALL]): Promise<readonly Item[]> {
  const headers = { 'x-request-id': 'request-1', 'x-generation-id': 'generation-1' };
  await using vendor = await startVendor({
    images,
    generate: ({ body, url }) => {
      const { response_format, n } = JSON.parse(body) as { response_format: string; n: number };
      const entry = (index: number): JsonObject =>
        response_format === 'url'
          ? { url: `${url}/images/${index}`, revised_prompt: `revised ${index}` }
          : { b64_json: images[index % images.length]!.toString('base64'), revised_prompt: `revised ${index}` };
      return responses(
        Array.from({ length: n }, (_, index) => entry(index)),
        headers,
      );
    },
  });
  const { error, output } = await run(vendor, parameters);
  expect(error?.message).toBeUndefined();
  return JSON.parse(JSON.stringify(output(NODE)).replaceAll(vendor.url, 'http://vendor')) as Item[];
}

describe('each image is one item', () => {
  test.each(['both', 'binary', 'url'])('with every key and the real width and height (output %s)', async (output) => {
    const items = await generated({ ...TWO, output });
    const url = (index: number): string | null => (output === 'binary' ? null : `http://vendor/images/${index}`);
    const json = (index: number): JsonObject => ({
      url: url(index),
      revised_prompt: `revised ${index}`,
      width: 320,
      height: 240,
      index,
      image_id: `generation-1-${index}`,
      ...FACTS,
    });
    expect(items.map((item) => item.json)).toEqual([json(0), json(1)]);
    expect(items.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 0 }]);
    expect(items.map(({ binary }) => Object.keys(binary ?? {}))).toEqual(
      output === 'url' ? [[], []] : [['data'], ['data']],
    );
  });

  test('with null for facts that the service did not give', async () => {
    await using vendor = await startVendor({ generate: ({ url }) => responses([{ url: `${url}/images/0` }]) });
    const [item] = (await run(vendor)).output(NODE);
    expect(item!.json).toMatchObject({ revised_prompt: null, seed: null, generation_id: null });
    expect(Object.keys(item!.json).toSorted()).toEqual(
      ['url', 'revised_prompt', 'width', 'height', 'index', ...Object.keys(FACTS)].toSorted(),
    );
  });

  test('in a binary field of the given name', async () => {
    const [item] = await generated({ binaryField: 'photo' });
    expect(Object.keys(item!.binary!)).toEqual(['photo']);
  });

  test('in a binary field whose name comes from an expression, trimmed', async () => {
    const [item] = await generated({ binaryField: '={{ " p" + 1 + " " }}' });
    expect(Object.keys(item!.binary!)).toEqual(['p1']);
  });

  test.each(['both', 'binary'])('with the bytes of the image (output %s)', async (output) => {
    await using vendor = await startVendor();
    const [item] = (await run(vendor, { output })).output(NODE);
    expect(await (await engine()).bytes(item!.binary!['data']!)).toEqual(SMALL);
  });
});

describe('one item for all images', () => {
  test('has numbered binary fields, and the facts of each image', async () => {
    const items = await generated({ numberOfImages: 2, options: { seed: 7, oneItem: true } });
    const image = (index: number, binary_field: string): JsonObject => ({
      url: `http://vendor/images/${index}`,
      revised_prompt: `revised ${index}`,
      width: 320,
      height: 240,
      index,
      image_id: `generation-1-${index}`,
      binary_field,
    });
    expect(items.map(({ json }) => json)).toEqual([{ images: [image(0, 'data'), image(1, 'data_1')], ...FACTS }]);
    expect(items[0]!.pairedItem).toEqual({ item: 0 });
    expect(Object.keys(items[0]!.binary!)).toEqual(['data', 'data_1']);
  });

  test('has no files when the output is URLs', async () => {
    const [item] = await generated({ numberOfImages: 2, output: 'url', options: { oneItem: true } });
    expect(item!.binary).toBeUndefined();
    expect(item!.json['images']).toHaveLength(2);
  });
});

describe('the format of a file is that of its bytes', () => {
  const formats: readonly (readonly [ImageRecipe['format'], string, string])[] = [
    ['png', 'png', 'image/png'],
    ['jpeg', 'jpg', 'image/jpeg'],
    ['webp', 'webp', 'image/webp'],
    ['bmp', 'bmp', 'image/bmp'],
  ];
  test.each(formats.flatMap((format) => ['both', 'binary'].map((output) => ({ format, output }))))(
    '$format: whatever its content type (output $output)',
    async ({ format: [format, extension, mimeType], output }) => {
      const bytes = await encodeImage({ format, width: 300, height: 250 });
      await using vendor = await startVendor({ images: [bytes], contentType: 'image/gif' });
      const [item] = (await run(vendor, { output, options: { fileName: 'wrong.gif' } })).output(NODE);
      const { fileName, fileExtension, mimeType: type, fileType } = item!.binary!['data']!;
      expect({ fileName, fileExtension, type, fileType }).toEqual({
        fileName: `wrong.${extension}`,
        fileExtension: extension,
        type: mimeType,
        fileType: 'image',
      });
      expect(item!.json).toMatchObject({ width: 300, height: 250 });
    },
  );

  test('an unknown format is stored as .bin, because it is billed', async () => {
    await using vendor = await startVendor({ images: [Buffer.from('something new')], contentType: 'image/avif' });
    const [item] = (await run(vendor)).output(NODE);
    expect(item!.binary!['data']).toMatchObject({ fileName: '一间花店-1.bin', mimeType: 'application/octet-stream' });
    expect(item!.json).toMatchObject({ width: null, height: null });
  });
});

describe('a file name', () => {
  test.each<[string, JsonObject, string]>([
    ['is the prompt and the number', { prompt: '一间花店, 有木质门! 🌸' }, '一间花店-有木质门-1.png'],
    ['has at most 40 characters of a long prompt', { prompt: 'word '.repeat(50) }, `${'word-'.repeat(7)}word-1.png`],
    [
      'may have every placeholder',
      { prompt: 'A cat', options: { seed: 5, fileName: '{number} {prompt} {model} {seed} {width}x{height}' } },
      '1 A-cat wan2.7-image-pro 5 320x240.png',
    ],
    ['omits a seed that is not set', { options: { fileName: 'a{seed}b' } }, 'ab.png'],
    ['replaces a wrong extension', { options: { fileName: 'shop.jpeg' } }, 'shop.png'],
    ['leaves no folder', { options: { fileName: '../../etc/{prompt}:*?' }, prompt: 'x' }, 'etc-x.png'],
    ['is never empty', { options: { fileName: '../..' } }, 'image-1.png'],
    ['may come from an expression', { options: { fileName: '={{ "n" + 1 }}' } }, 'n1.png'],
  ])('%s', async (_name, parameters, expected) => {
    const [item] = await generated(parameters);
    expect(item!.binary!['data']!.fileName).toBe(expected);
  });

  test('with an unknown placeholder is refused before anything is sent', async () => {
    await using vendor = await startVendor();
    const error = errorOf(await run(vendor, { options: { fileName: '{promt}.png' } }));
    expect(error.message).toContain('File Name: unknown placeholder {promt}');
    expect(error.message).toContain('{prompt}');
    expect(error.description).toContain('Nothing was sent');
    expect(vendor.posts).toEqual([]);
  });
});

test.each(['both', 'binary', 'url'])('the JSON has no image data and no long text (output %s)', async (output) => {
  await using simulator = await startQuickSimulator();
  const { output: items } = await run(simulator, { prompt: '花'.repeat(60), size: '1K', numberOfImages: 2, output });
  const texts = items(NODE).flatMap(({ json }) => Object.values(json).filter((value) => typeof value === 'string'));
  expect(Math.max(...texts.map(({ length }) => length))).toBeLessThan(2000);
  expect(JSON.stringify(items(NODE).map(({ json }) => json))).not.toMatch(/base64|iVBORw0KGgo/);
});
