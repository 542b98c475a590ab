import { encodeImage } from '@wan-image/testing/images';
import { describe, expect, test } from 'vitest';
import { fileNameOf, fileNameProblem, type NamedImage } from '../nodes/WanImage/images/file-name.ts';
import { inOrder } from '../nodes/WanImage/run/in-order.ts';
import { IMAGE_URL, images, run } from './support/run.mts';

const TWO = { prompt: '一间花店', numberOfImages: 2 };

describe('an item', () => {
  test('has all facts of its image, and never its bytes', async () => {
    const { items } = await run({ parameters: { ...TWO, size: '1K', options: { seed: 0 } } });
    expect(items).toHaveLength(2);
    expect(items[1]).toEqual({
      json: {
        url: IMAGE_URL,
        revised_prompt: '一间花店，柔和的光线',
        width: 320,
        height: 240,
        index: 1,
        model: 'wan2.7-image-pro',
        size: '1K',
        seed: 0,
        total: 2,
        created: 1_773_803_391,
        request_id: 'req-1',
        generation_id: null,
      },
      binary: { data: expect.objectContaining({ fileName: '一间花店-2.png', mimeType: 'image/png' }) as unknown },
      pairedItem: { item: 0 },
    });
  });

  test('of all images has each in a separate binary field', async () => {
    const parameters = { ...TWO, binaryField: 'shop', options: { oneItem: true } };
    const { items } = await run({ parameters });
    expect(items).toHaveLength(1);
    expect(items[0]?.json['images']).toMatchObject([{ binary_field: 'shop' }, { binary_field: 'shop_1' }]);
    expect(Object.keys(items[0]?.binary ?? {})).toEqual(['shop', 'shop_1']);
    expect(items[0]?.pairedItem).toEqual({ item: 0 });
  });

  test('has the real width and height also where the output is a URL', async () => {
    const { items } = await run({ parameters: { ...TWO, output: 'url' } });
    expect(items[0]?.json).toMatchObject({ url: IMAGE_URL, width: 320, height: 240 });
    expect(items[0]).not.toHaveProperty('binary');
  });

  test('for an agent is short, and has a Markdown line to show', async () => {
    const { items } = await run({ parameters: TWO, isTool: true });
    expect(items[0]?.json).toMatchObject({ markdown: `![Image 1](${IMAGE_URL})`, url: IMAGE_URL });
    expect(items[0]?.json).not.toHaveProperty('revised_prompt');
    const signed = await run({ parameters: { ...TWO, output: 'both' }, isTool: true });
    expect(signed.items[0]?.json['url']).toMatch(/^https:\/\/n8n\.example\.com\/signed\?token=/);
  });

  test('has a warning where images are missing, which the panel shows too', async () => {
    const { items, hints } = await run({
      parameters: { ...TWO, numberOfImages: 3 },
      response: (sent) => images({ ...sent, body: sent.body && { ...sent.body, n: 1 } }),
    });
    expect(items).toHaveLength(1);
    expect(items[0]?.json['warning']).toBe('The service returned 1 of 3 images and bills only those.');
    expect(hints).toMatchObject([{ type: 'warning', location: 'outputPane' }]);
  });
});

describe('a file name', () => {
  const image: NamedImage = {
    prompt: '一间花店, with wooden doors!',
    model: 'wan2.7-image',
    seed: 7,
    number: 2,
    width: 1280,
    height: 720,
  };

  test.each([
    ['{prompt}-{number}', 'png', '一间花店-with-wooden-doors-2.png'],
    ['{model}_{seed}_{width}x{height}', 'jpeg', 'wan2.7-image_7_1280x720.jpg'],
    ['shop.png', 'webp', 'shop.webp'],
    ['../../etc/passwd', 'bmp', 'etc-passwd.bmp'],
    ['a:b*c?', 'png', 'a-b-c.png'],
    ['...', 'png', 'image-2.png'],
    ['shop', null, 'shop.bin'],
  ] as const)('of the template %s, as %s, is %s', (template, format, name) => {
    expect(fileNameOf(template, image, format)).toBe(name);
  });

  test('of a long prompt is cut, never in the middle of a character', () => {
    expect(fileNameOf('{prompt}', { ...image, prompt: '🌸'.repeat(10) + '花'.repeat(500) }, 'png')).toBe(
      `${'花'.repeat(40)}.png`,
    );
    expect(Buffer.byteLength(fileNameOf('花'.repeat(300), image, 'png'))).toBeLessThanOrEqual(205);
  });

  test('of a template with an unknown placeholder is refused before anything is sent', async () => {
    expect(fileNameProblem('{promt}')).toContain('{prompt}, {model}');
    const { sent, error } = await run({ parameters: { prompt: '花', options: { fileName: '{promt}' } } });
    expect(sent).toEqual([]);
    expect(error?.message).toMatch(/^File Name: unknown placeholder {promt}/);
  });

  test.each(['png', 'jpeg', 'webp', 'bmp'] as const)('has the extension of the bytes: %s', async (format) => {
    const bytes = await encodeImage({ format, width: 300, height: 300 });
    const response = (sent: Parameters<typeof images>[0]) =>
      sent.method === 'GET' ? { headers: { 'content-type': 'text/html' }, body: bytes } : images(sent);
    const { items } = await run({ parameters: { prompt: '花' }, response });
    const extension = format === 'jpeg' ? 'jpg' : format;
    expect(items[0]?.binary?.['data']).toMatchObject({ fileName: `花-1.${extension}`, mimeType: `image/${format}` });
  });
});

describe('work in order', () => {
  test('returns its results in order, whichever ends first', async () => {
    const ended: number[] = [];
    const last = Promise.withResolvers<void>();
    const results = await inOrder(5, 2, async (index) => {
      if (index === 0) await last.promise;
      if (index === 4) last.resolve();
      ended.push(index);
      return index;
    });
    expect(results).toEqual([0, 1, 2, 3, 4]);
    expect(ended).toEqual([1, 2, 3, 4, 0]);
  });

  test('starts nothing once it is over, and awaits what is in flight', async () => {
    const started: number[] = [];
    const results = await inOrder(
      10,
      3,
      async (index) => {
        started.push(index);
        await Promise.resolve();
        return index;
      },
      () => started.length >= 3,
    );
    expect(started).toEqual([0, 1, 2]);
    expect(results).toEqual([0, 1, 2]);
  });
});
