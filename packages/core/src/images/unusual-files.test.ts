import { encodeImage } from '@wan-image/testing/images';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { base64Source } from './base64.ts';
import { bytesSource, type ByteSource } from './byte-source.ts';
import { inspectImage, readImageInfo, type ImageInfo } from './image-info.ts';

const jpeg = await encodeImage({ format: 'jpeg', width: 321, height: 243 });
const png = await encodeImage({ format: 'png', width: 321, height: 243 });
const turned = await sharp(jpeg).withMetadata({ orientation: 6 }).jpeg().toBuffer();
const MB = 1024 * 1024;

interface Counts {
  reads: number;
  bytes: number;
}

/** What a file says, and how much was read for it: the same from memory, from base64 and from a file. */
async function read(bytes: Uint8Array): Promise<{ readonly info: ImageInfo | null } & Counts> {
  const counts = { reads: 0, bytes: 0 };
  const info = readImageInfo(counted(bytesSource(bytes), counts));
  const fromBase64 = { reads: 0, bytes: 0 };
  expect(readImageInfo(counted(base64Source(Buffer.from(bytes).toString('base64')), fromBase64))).toEqual(info);
  expect(fromBase64).toEqual(counts);
  const file = { length: bytes.length, read: async (at: number, count: number) => bytes.subarray(at, at + count) };
  expect((await inspectImage(file)).info).toEqual(info);
  return { info, ...counts };
}

function counted(source: ByteSource, counts: Counts): ByteSource {
  return {
    length: source.length,
    read(offset, length) {
      const found = source.read(offset, length);
      counts.reads++;
      counts.bytes += found.length;
      return found;
    },
  };
}

/** `start`, then `repeated` up to 20 MB. */
function filled(start: Uint8Array, repeated: readonly number[]): Buffer {
  return Buffer.concat([start, Buffer.alloc(20 * MB - start.length, Buffer.from(repeated))]);
}

/** The JPEG with bytes put in behind its APP0, which is its first segment. */
function withInApp0(inserted: Uint8Array, file: Buffer = jpeg): Buffer {
  const at = 4 + file.readUInt16BE(4);
  return Buffer.concat([file.subarray(0, at), inserted, file.subarray(at)]);
}

/** The PNG with bytes put in behind its IHDR. */
function withInHeader(inserted: Uint8Array, file: Buffer = png): Buffer {
  return Buffer.concat([file.subarray(0, 33), inserted, file.subarray(33)]);
}

function chunk(type: string, data: Uint8Array = new Uint8Array(0)): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(data.length);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, data, Buffer.alloc(4)]);
}

const SOI = Uint8Array.of(0xff, 0xd8, 0xff);
const EMPTY_TEXT = [0, 0, 0, 0, 0x74, 0x45, 0x58, 0x74, 0x99, 0x99, 0x99, 0x99];

describe('however a file of 20 MB is made, its header is read within few reads and 2 MB', () => {
  test.each<[string, () => Buffer]>([
    ['restart markers', () => filled(SOI, [0xff, 0xd0])],
    ['empty comments', () => filled(SOI.subarray(0, 2), [0xff, 0xfe, 0x00, 0x02])],
    ['comments that are as long as they can be', () => filled(SOI.subarray(0, 2), [0xff, 0xfe, 0xff, 0xff])],
    ['comments that are shorter than their own length', () => filled(SOI.subarray(0, 2), [0xff, 0xfe, 0x00, 0x00])],
    ['fill bytes', () => filled(SOI, [0xff])],
    ['stuffed zeros', () => filled(SOI, [0xff, 0x00])],
    ['stray bytes', () => filled(SOI, [0x41])],
    ['starts of images', () => filled(SOI.subarray(0, 2), [0xff, 0xd8])],
    [
      'Huffman tables behind the size',
      () => filled(withInApp0(new Uint8Array(0)).subarray(0, 400), [0xff, 0xc4, 0, 2]),
    ],
    [
      'EXIF again and again',
      () => filled(SOI.subarray(0, 2), [0xff, 0xe1, 0, 16, ...Buffer.from('Exif\0\0II*\0\x08\0\0\0')]),
    ],
    ['empty chunks of text', () => filled(png.subarray(0, 33), EMPTY_TEXT)],
    [
      'chunks of text that are far apart',
      () =>
        Buffer.concat([
          png.subarray(0, 33),
          ...Array.from({ length: 4000 }, () => chunk('tEXt', new Uint8Array(5000))),
        ]),
    ],
    [
      'a chunk of EXIF that is one directory',
      () => withInHeader(chunk('eXIf', filled(Buffer.from('MM\0*\0\0\0\x08\xff\xff', 'latin1'), [1]))),
    ],
    [
      'chunks of a WEBP',
      () =>
        filled(
          Buffer.from(`RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\x08\0\0\0${'\0'.repeat(6)}`, 'latin1'),
          [0x41, 0x41, 0x41, 0x41, 0, 0, 0, 0],
        ),
    ],
  ])('%s', async (_name, make) => {
    const { reads, bytes } = await read(make());
    expect(reads).toBeLessThan(1100);
    expect(bytes).toBeLessThan(2 * MB);
  });

  test('an ordinary file takes one read', async () => {
    expect(await read(png)).toMatchObject({ reads: 1, info: { width: 321 } });
    expect(await read(jpeg)).toMatchObject({ reads: 1, info: { width: 321 } });
  });
});

describe('between two segments of a JPEG', () => {
  test.each<[string, Uint8Array]>([
    ['one stray byte', Uint8Array.of(0x41)],
    ['many', Buffer.alloc(100_000, 0x20)],
    ['stray bytes with a stuffed zero', Uint8Array.of(1, 0xff, 0, 2)],
    ['300 fill bytes', Buffer.alloc(300, 0xff)],
    ['300,000 fill bytes', Buffer.alloc(300_000, 0xff)],
    ['a restart marker', Uint8Array.of(0xff, 0xd3)],
  ])('%s may stand', async (_name, inserted) => {
    const file = withInApp0(inserted);
    // What every decoder shows.
    expect(await sharp(file, { failOn: 'none' }).metadata()).toMatchObject({ width: 321, height: 243 });
    expect((await read(file)).info).toMatchObject({ format: 'jpeg', width: 321, height: 243 });
  });

  test('300 segments may stand, more than in any real file', async () => {
    const comment = Buffer.from([0xff, 0xfe, 0x00, 0x03, 0x41]);
    expect((await read(withInApp0(Buffer.concat(Array<Buffer>(300).fill(comment))))).info).toMatchObject({
      width: 321,
    });
  });

  test('nothing is found behind the end of the image', async () => {
    expect((await read(withInApp0(Uint8Array.of(0xff, 0xd9)))).info).toBeNull();
  });
});

describe('EXIF', () => {
  const stored = { width: 321, height: 243 };
  const shown = { width: 243, height: 321 };

  test.each(['jpeg', 'png', 'webp'] as const)('turns a %s as sharp does', async (format) => {
    for (let orientation = 1; orientation <= 8; orientation++) {
      const file = await sharp({ create: { ...stored, channels: 3, background: '#c05a28' } })
        .withMetadata({ orientation })
        .toFormat(format)
        .toBuffer();
      const { info } = await sharp(file).autoOrient().toBuffer({ resolveWithObject: true });
      const expected = { width: info.width, height: info.height, orientation };
      expect(expected).toMatchObject(orientation > 4 ? shown : stored);
      expect((await read(file)).info).toMatchObject(expected);
    }
  });

  /** The APP1 segment of a JPEG, with the value of its first entry, the orientation, changed. */
  function exif(value: number): Buffer {
    const at = turned.indexOf('Exif') - 4;
    const segment = Buffer.from(turned.subarray(at, at + 2 + turned.readUInt16BE(at + 2)));
    segment.writeUInt16LE(value, 28);
    return segment;
  }

  test('counts when it follows the size', async () => {
    const frame = jpeg.indexOf(Buffer.from([0xff, 0xc0]));
    const at = frame + 2 + jpeg.readUInt16BE(frame + 2);
    const file = Buffer.concat([jpeg.subarray(0, at), exif(8), jpeg.subarray(at)]);
    expect((await read(file)).info).toMatchObject({ ...shown, orientation: 8 });
  });

  test('counts once, the first time', async () => {
    expect((await read(withInApp0(Buffer.concat([exif(6), exif(1)])))).info).toMatchObject({
      ...shown,
      orientation: 6,
    });
    expect((await read(withInApp0(Buffer.concat([exif(1), exif(6)])))).info).toMatchObject({
      ...stored,
      orientation: 1,
    });
  });

  test.each([0, 9, 256])('with the orientation %i says nothing', async (value) => {
    expect((await read(withInApp0(exif(value)))).info).toMatchObject({ ...stored, orientation: null });
  });

  test('that is cut at any byte never turns a PNG by chance', async () => {
    const data = exif(6).subarray(10);
    for (let length = 0; length < 30; length++) {
      const file = withInHeader(chunk('eXIf', data.subarray(0, length)));
      expect((await read(file)).info).toMatchObject({ orientation: length < 22 ? null : 6 });
    }
  });
});

describe('transparency of a PNG', () => {
  const transparency = chunk('tRNS', new Uint8Array(6));

  test.each([300 * 1024, 19 * MB])('is found behind %i bytes of metadata', async (bytes) => {
    const metadata = chunk('iTXt', new Uint8Array(bytes));
    expect((await read(withInHeader(Buffer.concat([metadata, transparency])))).info?.hasAlpha).toBe(true);
    expect((await read(withInHeader(metadata))).info?.hasAlpha).toBe(false);
  });

  test('is unknown behind more than 1,024 chunks', async () => {
    const many = Buffer.concat(Array<Buffer>(1100).fill(chunk('tEXt')));
    expect((await read(withInHeader(many))).info).toMatchObject({ width: 321, height: 243, hasAlpha: null });
    expect((await read(withInHeader(many.subarray(0, 12 * 200)))).info?.hasAlpha).toBe(false);
  });
});

test.each([
  ['depth', 24, 3],
  ['depth', 24, 0],
  ['colour type', 25, 1],
  ['colour type', 25, 5],
  ['colour type', 25, 9],
  ['depth of a palette', 25, 3, 16],
  ['compression', 26, 1],
  ['filter', 27, 1],
  ['interlacing', 28, 2],
  ['length', 11, 14],
])('a PNG whose %s is impossible is no PNG', async (_name, at, value, depth = png[24] ?? 0) => {
  const file = Buffer.from(png);
  file[24] = depth;
  file[at] = value;
  expect(await inspectImage(bytesSource(file))).toEqual({ format: 'png', info: null });
});

/** A BMP header of `size` bytes, and 16 bytes more. */
function bmp(size: number, { depth = 32, compression = 0, mask = 0 } = {}): Buffer {
  const file = Buffer.alloc(14 + Math.max(size, 56) + 16);
  file.write('BM', 0, 'latin1');
  file.writeUInt32LE(size, 14);
  if (size === 12) {
    file.writeUInt16LE(321, 18);
    file.writeUInt16LE(243, 20);
    return file;
  }
  file.writeInt32LE(321, 18);
  file.writeInt32LE(243, 22);
  file.writeUInt16LE(1, 26);
  file.writeUInt16LE(depth, 28);
  if (size >= 20) file.writeUInt32LE(compression, 30);
  if (size >= 40) file.writeUInt32LE(mask, 66);
  return file;
}

const MASK = 0xff00_0000;

describe('a BMP', () => {
  test.each([12, 16, 24, 40, 42, 46, 52, 56, 64, 108, 124])('with a header of %i bytes is measured', async (size) => {
    expect((await read(bmp(size, { depth: 24 }))).info).toMatchObject({ width: 321, height: 243, hasAlpha: false });
  });

  test.each([0, 4, 13, 15, 66, 100, 0x4d42_4d42])('with a header of %i bytes is none', async (size) => {
    const file = bmp(40);
    file.writeUInt32LE(size, 14);
    expect(await inspectImage(bytesSource(file))).toEqual({ format: null, info: null });
  });

  test.each<[string, Buffer, boolean]>([
    ['V5, packed by masks, with one of alpha', bmp(124, { compression: 3, mask: MASK }), true],
    ['V4, packed by masks, with one of alpha', bmp(108, { compression: 3, mask: MASK, depth: 16 }), true],
    ['V3, packed by masks, with one of alpha', bmp(56, { compression: 3, mask: MASK }), true],
    ['the shortest, with four masks behind it', bmp(40, { compression: 6, mask: MASK }), true],
    ['V5, packed by masks, without one of alpha', bmp(124, { compression: 3 }), false],
    ['V5, not packed, whose mask means nothing', bmp(124, { mask: MASK }), false],
    ['V5 of 24 bits', bmp(124, { mask: MASK, depth: 24 }), false],
    ['V4 of 8 bits, run length', bmp(108, { mask: MASK, depth: 8, compression: 1 }), false],
    ['V4 of 1 bit', bmp(108, { mask: MASK, depth: 1, compression: 3 }), false],
    ['the shortest with three masks, whose fourth is pixels', bmp(40, { compression: 3, mask: MASK }), false],
    ['OS/2 2, where 3 is Huffman coding', bmp(64, { compression: 3, mask: MASK, depth: 16 }), false],
  ])('%s: alpha is %s', async (_name, file, hasAlpha) => {
    expect((await read(file)).info?.hasAlpha).toBe(hasAlpha);
  });
});
