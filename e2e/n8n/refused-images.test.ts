import { dataUri, encodeImage } from '@wan-image/testing/images';
import { describe, expect, test } from 'vitest';
import { startVendor, SMALL } from '../support/n8n/vendor.ts';
import { allTextOf, binaryRow, editOf, errorOf, urlRow, workbench } from '../support/n8n/wan-image.ts';
import type { JsonObject, NodeError } from '../support/n8n/types.ts';

/** An invalid input image is refused before anything is sent. */

const { run } = workbench();

const alpha = await encodeImage({ format: 'png', width: 300, height: 300, alpha: true });
const tiny = await encodeImage({ format: 'png', width: 100, height: 300 });
const thin = await encodeImage({ format: 'jpeg', width: 2400, height: 240 });
const heavy = Buffer.concat([SMALL, Buffer.alloc(20 * 1024 * 1024)]);
const GOOD = { json: {}, binary: { photo: { data: SMALL } } };
const alphaUri = await dataUri({ format: 'png', width: 300, height: 300, alpha: true });
const pngUri = await dataUri({ format: 'png', width: 300, height: 300 });

/** The error of an edit for which nothing was sent. */
async function refused(rows: readonly JsonObject[], item: object): Promise<NodeError> {
  await using vendor = await startVendor();
  const error = errorOf(await run(vendor, editOf(rows), { input: [{ json: {}, ...item }] }));
  expect(vendor.posts).toEqual([]);
  expect(error.context?.['itemIndex']).toBe(0);
  return error;
}

const withFile = (data: Buffer, mimeType?: string): object => ({
  binary: { photo: mimeType === undefined ? { data } : { data, mimeType } },
});

describe('an image that the service would refuse is refused by the node, with its row and remedy:', () => {
  test.each<[string, object, RegExp]>([
    ['a PNG with an alpha channel', withFile(alpha), /alpha channel.*flatten/],
    ['an image with too short a side', withFile(tiny), /100x300 px, each side must have 240 to 8000: resize/],
    ['an image that is too long and thin', withFile(thin), /aspect ratio must lie between 1:8 and 8:1: crop/],
    ['an image of more than 20 MB', withFile(heavy), /at most 20 MB .* are allowed: make the image smaller/],
    [
      'a file that is not an image',
      withFile(Buffer.from('%PDF-1.7 '.repeat(9)), 'image/png'),
      /is not a JPEG, PNG, BMP or WEBP/,
    ],
    ['an empty file', withFile(Buffer.from(''), 'image/png'), /is not a JPEG, PNG, BMP or WEBP|empty/],
  ])('%s', async (_what, item, expected) => {
    const { message, description, name } = await refused(
      [urlRow('https://example.com/a.png'), binaryRow('photo')],
      item,
    );
    expect(message).toMatch(/^Images, row 2 \(field photo\):? /);
    expect(message).toMatch(expected);
    expect(description).toContain('Nothing was sent');
    expect(name).toBe('NodeOperationError');
  });

  test.each<[string, string, RegExp]>([
    ['a data URI with an alpha channel', alphaUri, /alpha/],
    [
      'a data URI with another type than its bytes have',
      `data:image/png;base64,${thin.toString('base64')}`,
      /declare the type/,
    ],
    ['a data URI of a GIF', 'data:image/gif;base64,R0lGODlhAQABAAAAACw=', /allowed are JPEG/],
    ['a URL that is not http(s)', 'ftp://example.com/a.png', /must be an http\(s\) URL or a base64 data URI/],
    ['an empty URL', '', /URL must be an http\(s\) URL or a data URI, got nothing/],
    ['an expression that gives no text', '={{ 42 }}', /or a data URI/],
    ['an expression that gives null', '={{ null }}', /or a data URI/],
  ])('%s', async (_what, url, expected) => {
    const { message } = await refused([binaryRow('photo'), urlRow(url)], withFile(SMALL));
    expect(message).toMatch(/^Images, row 2(: URL| \(URL\)) /);
    expect(message).toMatch(expected);
  });

  test('an invalid image names its item', async () => {
    await using vendor = await startVendor();
    const input = [GOOD, GOOD, { json: {}, ...withFile(alpha) }];
    const error = errorOf(await run(vendor, editOf([binaryRow('photo')], { output: 'url' }), { input }));
    expect(error.context?.['itemIndex']).toBe(2);
    expect(vendor.posts).toHaveLength(2);
  });
});

describe('a missing binary field', () => {
  test('is named, with its row and the existing fields', async () => {
    const error = await refused([binaryRow('photo'), binaryRow('phto')], {
      binary: { photo: { data: SMALL }, logo: { data: SMALL } },
    });
    expect(error.message).toBe('Images, row 2: the item has no binary field "phto" [item 0]');
    expect(error.description).toContain('The item has: photo, logo.');
  });

  test('of an item without files is named too', async () => {
    const error = await refused([binaryRow('data')], {});
    expect(error.message).toContain('no binary field "data"');
    expect(error.description).toContain('The item has no binary data');
  });

  // n8n#16130
  test.each([
    ['base64', SMALL.toString('base64')],
    ['a data URI', pngUri],
    ['a URL', 'https://example.com/a.png?token=hush'],
  ])('%s instead of a name gets the other source as the remedy, and is not quoted', async (_name, pasted) => {
    const error = await refused([binaryRow(pasted)], withFile(SMALL));
    expect(error.message).toContain('Images, row 1');
    expect(error.description).toContain('URL or Data URI');
    expect(allTextOf(error)).not.toContain(pasted.slice(0, 60));
    expect(error.message.length).toBeLessThan(300);
  });

  // n8n#21203: `split is not a function`
  test.each([
    ['a number', '={{ 42 }}'],
    ['null', '={{ null }}'],
    ['an object', '={{ { a: 1 } }}'],
    ['a list with a number', '={{ ["photo", 7] }}'],
    ['a boolean', '={{ true }}'],
  ])('%s instead of a name is an error with a remedy', async (_name, value) => {
    const { message } = await refused([binaryRow(value)], withFile(SMALL));
    expect(message).toContain('Images, row 1: Input Binary Field must be the name of a field or binary data');
  });

  test('an empty name is an error with a remedy', async () => {
    const { message } = await refused([binaryRow('')], withFile(SMALL));
    expect(message).toContain('Images, row 1');
  });
});

describe('the number of images', () => {
  test('may be nine', async () => {
    await using vendor = await startVendor();
    const rows = Array.from({ length: 9 }, (_, index) => urlRow(`https://example.com/${index}.png`));
    await run(vendor, editOf(rows));
    expect(vendor.bodies[0]!['image']).toHaveLength(9);
  });

  test('must not be ten: the error names the limit and the rows, and no image is dropped silently', async () => {
    const rows = Array.from({ length: 8 }, (_, index) => urlRow(`https://example.com/${index}.png`));
    const { message, description } = await refused([...rows, binaryRow('photo, photo')], withFile(SMALL));
    expect(message).toBe('Images: 10 images are too many, at most 9 can be edited together. [item 0]');
    expect(description).toContain('row 1 (URL)');
    expect(description).toContain('row 9 (field photo)');
    expect(description).toContain('Remove 1 of: ');
  });

  test.each<[string, readonly JsonObject[]]>([
    ['no rows', []],
    ['a * without a match', [binaryRow('*')]],
    ['an empty list', [binaryRow('={{ [] }}')]],
  ])('must not be zero (%s)', async (_name, rows) => {
    expect((await refused(rows, {})).message).toMatch(/^Images(: none given|, row 1: .*no image)/);
  });
});
