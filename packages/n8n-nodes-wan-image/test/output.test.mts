import { readFile } from 'node:fs/promises';
import { RESPONSE_EXAMPLES } from '@wan-image/core';
import { encodeImage } from '@wan-image/testing/images';
import { describe, expect, test } from 'vitest';
import { fileNameOf, fileNameProblem, type NamedImage } from '../nodes/WanImage/images/file-name.ts';
import { inOrder } from '../nodes/WanImage/run/in-order.ts';
import { IMAGE_URL, images, run } from './support/run.mts';

/** A record of a history service, with a price. */
const RECORD = { ...RESPONSE_EXAMPLES.Generation, cost: { amount: '1.00', currency: 'CNY' } };

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

  test('has the fields of the schema, with which the editor shows them before anything has run', async () => {
    const schema = async (operation: string): Promise<unknown> => {
      const file = new URL(`../nodes/WanImage/__schema__/v1.0.0/image/${operation}.json`, import.meta.url);
      return JSON.parse(await readFile(file, 'utf8'));
    };
    const { items } = await run({ parameters: { ...TWO, options: { seed: 7 } } });
    const { properties } = (await schema('generate')) as { properties: Record<string, { type: string }> };
    // What only a history service adds.
    const added = new Set(['image_id', 'cost', 'currency']);
    expect(Object.keys(properties).filter((name) => !added.has(name))).toEqual(Object.keys(items[0]?.json ?? {}));
    for (const [name, value] of Object.entries(items[0]?.json ?? {})) {
      const type = typeof value === 'number' ? 'integer' : 'string';
      if (value !== null) expect([name, properties[name]?.type]).toEqual([name, type]);
    }
    expect(await schema('edit')).toEqual(await schema('generate'));
  });

  test('has the fields of its input item on request, and those of the node win', async () => {
    const input = [{ json: { sku: 'A-1', url: 'theirs', error: 'old' } }, { json: { sku: 'B-2' } }];
    const setting = { parameters: { ...TWO, options: { includeInputFields: true } }, input, continueOnFail: true };
    const { items } = await run({ ...setting, ofItems: [{}, { prompt: '' }] });
    expect(items.map(({ json }) => json['sku'])).toEqual(['A-1', 'A-1', undefined]);
    expect(items[0]?.json).toMatchObject({ url: IMAGE_URL, index: 0 });
    expect(items[0]?.json).not.toHaveProperty('error');
    // n8n recognizes a failed item by having these two fields alone.
    expect(Object.keys(items[2]?.json ?? {})).toEqual(['error', 'message']);
    expect(items[2]?.json['error']).toMatchObject({ input: { sku: 'B-2' } });
  });

  test('has the cost where a history service knows it', async () => {
    const history = { 'wan-image-history': '1.0.0', 'x-generation-id': '0199a000-0000-7000-8000-000000000000' };
    const { items } = await run({
      parameters: TWO,
      response: (sent) => {
        if (sent.url.includes('/v1/generations/')) return { body: JSON.stringify(RECORD), headers: history };
        const response = images(sent);
        return { ...response, headers: { ...response.headers, ...history } };
      },
    });
    expect(items[0]?.json).toMatchObject({ cost: '1.00', currency: 'CNY' });
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
