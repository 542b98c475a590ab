import { encodeImage } from '@wan-image/testing/images';
import { describe, expect, test } from 'vitest';
import { startVendor } from '../support/n8n/vendor.ts';
import { binaryRow, editOf, NODE, urlRow, workbench, wanImage } from '../support/n8n/wan-image.ts';
import { chain, keepOnly } from '../support/n8n/workflows.ts';
import type { JsonObject } from '../support/n8n/types.ts';

/** The sources of the input images of an edit. */

const A = await encodeImage({ format: 'png', width: 300, height: 240 });
const B = await encodeImage({ format: 'jpeg', width: 301, height: 240 });
const C = await encodeImage({ format: 'webp', width: 302, height: 240 });
const URL_ROW = 'https://example.com/style.png';

const uriOf = (bytes: Buffer, type: string): string => `data:image/${type};base64,${bytes.toString('base64')}`;
const uriA = uriOf(A, 'png');
const uriB = uriOf(B, 'jpeg');
const uriC = uriOf(C, 'webp');

const THREE = {
  json: { sku: 'A-9', link: URL_ROW, names: ['side', 'front'] },
  binary: {
    front: { data: A, fileName: 'front.png' },
    back: { data: B, fileName: 'back.jpg' },
    side: { data: C, fileName: 'side.webp' },
    manual: { data: Buffer.from('%PDF-1.7'), fileName: 'manual.pdf' },
  },
};

/** Storage and binary mode change where a file is stored, but must not change the request. */
describe.each([
  ['memory', 'default', {}],
  ['files', 'filesystem', {}],
  ['memory, combined with JSON', 'default', { binaryMode: 'combined' }],
  ['files, combined with JSON', 'filesystem', { binaryMode: 'combined' }],
] as const)('with binary data in %s', (_name, storage, settings) => {
  const { run, runWorkflow } = workbench({ storage });

  test.each<[string, readonly JsonObject[], readonly string[]]>([
    ['a binary field', [binaryRow('front')], [uriA]],
    ['rows in order', [binaryRow('side'), binaryRow('front'), binaryRow('back')], [uriC, uriA, uriB]],
    ['a row with a comma-separated list, in its order', [binaryRow(' back , front ')], [uriB, uriA]],
    ['a row with *: all images of the item, and no other file', [binaryRow('*')], [uriA, uriB, uriC]],
    ['an expression with a list of names', [binaryRow('={{ $json.names }}')], [uriC, uriA]],
    ['an expression with a name', [binaryRow('={{ $json.names[0] }}')], [uriC]],
    [
      'binary fields, URLs and data URIs mixed',
      [binaryRow('front'), urlRow('={{ $json.link }}'), urlRow(uriB), binaryRow('side')],
      [uriA, URL_ROW, uriB, uriC],
    ],
  ])('%s reaches the service', async (_what, rows, expected) => {
    await using vendor = await startVendor();
    const { error } = await run(vendor, editOf(rows), { input: [THREE], settings });
    expect(error?.message).toBeUndefined();
    expect([vendor.bodies[0]!['image']].flat()).toEqual(expected);
  });

  // With the binary mode `combined` and files in memory, n8n gives an expression only the JSON of another node.
  const ofOthers = 'binaryMode' in settings && storage === 'default' ? [] : ["$('Start').item"];
  test.each(ofOthers)('an expression with binary data of an earlier node reaches the service: %s', async (item) => {
    await using vendor = await startVendor();
    const path = `${item}.${'binaryMode' in settings ? '_files' : 'binary'}`;
    const rows = [binaryRow(`={{ ${path}.back }}`), binaryRow(`={{ [${path}.front, ${path}.side] }}`)];
    const workflow = chain(keepOnly({ sku: '={{ $json.sku }}' }), wanImage(editOf(rows)), settings);
    const { error } = await runWorkflow(vendor, workflow, { input: [THREE] });
    expect(error?.message).toBeUndefined();
    expect(vendor.bodies[0]!['image']).toEqual([uriB, uriA, uriC]);
  });
});

describe('all items in one request', () => {
  const { run } = workbench();
  const together = (rows: readonly JsonObject[]): JsonObject => editOf(rows, { inputItems: 'together' });
  const input = [A, B, C].map((data, index) => ({ json: { index }, binary: { photo: { data } } }));

  test('sends the images of all items once, and pairs each result with all items', async () => {
    await using vendor = await startVendor();
    const { output } = await run(vendor, { ...together([binaryRow('photo')]), numberOfImages: 2 }, { input });
    expect(vendor.bodies.map(({ image }) => image)).toEqual([[uriA, uriB, uriC]]);
    expect(output(NODE).map(({ pairedItem }) => pairedItem)).toEqual([
      [{ item: 0 }, { item: 1 }, { item: 2 }],
      [{ item: 0 }, { item: 1 }, { item: 2 }],
    ]);
  });

  test('sends a URL that is the same for all items once, after the images of the items', async () => {
    await using vendor = await startVendor();
    await run(vendor, together([binaryRow('photo'), urlRow(URL_ROW)]), { input });
    expect(vendor.bodies[0]!['image']).toEqual([uriA, uriB, uriC, URL_ROW]);
  });

  test('sends every URL of a row that differs between items, row by row', async () => {
    await using vendor = await startVendor();
    const each = urlRow('=https://example.com/{{ $json.index }}.png');
    await run(vendor, together([each, binaryRow('photo')]), { input });
    const urls = [0, 1, 2].map((index) => `https://example.com/${index}.png`);
    expect(vendor.bodies[0]!['image']).toEqual([...urls, uriA, uriB, uriC]);
  });

  test('refuses more than nine in total, and sends nothing', async () => {
    await using vendor = await startVendor();
    const many = Array.from({ length: 5 }, () => ({ json: {}, binary: { a: { data: A }, b: { data: B } } }));
    const { error } = await run(vendor, together([binaryRow('a, b')]), { input: many });
    expect(error?.message).toContain('10 images are too many, at most 9');
    expect(vendor.posts).toEqual([]);
  });

  test('is not the default: each item is a separate request', async () => {
    await using vendor = await startVendor();
    const { output } = await run(vendor, editOf([binaryRow('photo')], { inputItems: 'each' }), { input });
    expect(vendor.bodies.map(({ image }) => image)).toEqual([uriA, uriB, uriC]);
    expect(output(NODE).map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }, { item: 2 }]);
  });
});
