import { encodeImage } from '@wan-image/testing/images';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { base64Source, isBase64 } from './base64.ts';
import { bytesSource } from './byte-source.ts';
import { readDataUri } from './data-uri.ts';
import { readImageInfo } from './image-info.ts';

const base = { create: { width: 321, height: 243, channels: 3, background: '#c05a28' } } as const;
const withAlpha = { create: { ...base.create, channels: 4, background: { r: 1, g: 2, b: 3, alpha: 0.4 } } } as const;

const images: [string, () => Promise<Buffer>, object][] = [
  ['PNG, RGB', () => sharp(base).png().toBuffer(), { format: 'png', hasAlpha: false }],
  ['PNG, RGBA', () => sharp(withAlpha).png().toBuffer(), { format: 'png', hasAlpha: true }],
  [
    'PNG, palette with tRNS',
    () => sharp(withAlpha).png({ palette: true }).toBuffer(),
    { format: 'png', hasAlpha: true },
  ],
  ['JPEG, baseline', () => sharp(base).jpeg().toBuffer(), { format: 'jpeg', hasAlpha: false }],
  ['JPEG, progressive', () => sharp(base).jpeg({ progressive: true }).toBuffer(), { format: 'jpeg', hasAlpha: false }],
  [
    'JPEG with EXIF and a colour profile',
    () =>
      sharp(base)
        .withExif({ IFD0: { Copyright: 'x'.repeat(5000) } })
        .withIccProfile('p3')
        .jpeg()
        .toBuffer(),
    { format: 'jpeg', hasAlpha: false, orientation: 1 },
  ],
  ['WEBP, lossy', () => sharp(base).webp().toBuffer(), { format: 'webp', hasAlpha: false }],
  ['WEBP, lossless', () => sharp(base).webp({ lossless: true }).toBuffer(), { format: 'webp', hasAlpha: false }],
  ['WEBP with alpha', () => sharp(withAlpha).webp().toBuffer(), { format: 'webp', hasAlpha: true }],
  ['BMP', () => encodeImage({ format: 'bmp', width: 321, height: 243 }), { format: 'bmp', hasAlpha: false }],
];

describe('reads the header of', () => {
  test.each(images)('%s', async (_name, encode, expected) => {
    const bytes = await encode();
    const info = { width: 321, height: 243, orientation: null, ...expected };
    expect(readImageInfo(bytesSource(bytes))).toEqual(info);
    expect(readImageInfo(base64Source(bytes.toString('base64')))).toEqual(info);
  });

  test.each(images)('%s: cut at any of its first 600 bytes, the result is null or the same', async (_name, encode) => {
    const bytes = await encode();
    const whole = readImageInfo(bytesSource(bytes));
    for (let length = 0; length < Math.min(600, bytes.length); length++) {
      const info = readImageInfo(bytesSource(bytes.subarray(0, length)));
      expect([null, whole?.width]).toContain(info && info.width);
      expect([null, whole?.height]).toContain(info && info.height);
    }
  });

  test('a BMP whose rows go from top to bottom', async () => {
    const bytes = await encodeImage({ format: 'bmp', width: 300, height: 250 });
    bytes.writeInt32LE(-250, 22);
    expect(readImageInfo(bytesSource(bytes))).toMatchObject({ width: 300, height: 250 });
  });

  test.each([0, 0xffff_ffff])('a PNG with a width of %d is invalid', async (width) => {
    const bytes = await encodeImage({ format: 'png', width: 300, height: 250 });
    bytes.writeUInt32BE(width, 16);
    expect(readImageInfo(bytesSource(bytes))).toBeNull();
  });

  test.each(['GIF89a', '<svg xmlns="x"/>', '', 'BM', 'BMW is a maker of cars', 'BM'.repeat(50)])(
    '%j is not an image',
    (text) => {
      expect(readImageInfo(bytesSource(new TextEncoder().encode(text)))).toBeNull();
    },
  );
});

describe('base64', () => {
  test('decodes any range like the whole text', () => {
    const bytes = Uint8Array.from({ length: 100 }, (_, index) => (index * 37) % 256);
    for (const length of [1, 2, 3, 4, 99, 100]) {
      const text = Buffer.from(bytes.subarray(0, length)).toString('base64');
      expect([...base64Source(text).read(0, length)]).toEqual([...bytes.subarray(0, length)]);
      for (let offset = 0; offset <= length; offset++) {
        expect([...base64Source(text).read(offset, 7)]).toEqual([
          ...bytes.subarray(0, length).subarray(offset, offset + 7),
        ]);
      }
    }
  });

  test.each(['', 'A', 'AA', 'AAA', 'AA==A', '====', 'A===', 'AA=A', 'AA A', 'AA\nAA===', '-_-_', 'AAAé'])(
    '%j is not base64',
    (text) => {
      expect(isBase64(text)).toBe(false);
    },
  );

  test('28 million characters are checked without overflowing', () => {
    const text = 'QUJD'.repeat(7_000_000);
    expect(isBase64(text)).toBe(true);
    expect(isBase64(`${text}QUI*`)).toBe(false);
  });
});

test('a data URI is read in any case', () => {
  expect(readDataUri('DATA:IMAGE/PNG;BASE64,QUJD')).toEqual({ mimeType: 'image/png', base64: 'QUJD' });
  expect(readDataUri('data:image/png,hello')).toBeNull();
});
