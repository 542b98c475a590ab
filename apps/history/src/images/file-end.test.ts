import { bytesSource, inspectImage } from '@wan-image/core';
import { encodeImage } from '@wan-image/testing/images';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { isComplete } from './file-end.ts';

const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const;
const photo = sharp({ create: { width: 400, height: 300, channels: 3, background: '#888', noise } });

const FILES: readonly [string, () => Promise<Buffer>][] = [
  ['PNG', () => photo.clone().png().toBuffer()],
  ['JPEG', () => photo.clone().jpeg().toBuffer()],
  ['progressive JPEG', () => photo.clone().jpeg({ progressive: true }).toBuffer()],
  ['JPEG with a thumbnail in its metadata', async () => withThumbnail(await photo.clone().jpeg().toBuffer())],
  ['WEBP', () => photo.clone().webp().toBuffer()],
  ['WEBP with EXIF', () => photo.clone().withMetadata({ orientation: 6 }).webp().toBuffer()],
  ['BMP', () => encodeImage({ format: 'bmp', width: 401, height: 300 })],
];

/** With a whole small JPEG in APP1, as cameras write it. */
function withThumbnail(file: Buffer): Buffer {
  const small = Buffer.concat([Buffer.from('Exif\0\0'), Buffer.from([0xff, 0xd8, 0xff, 0xda, 0, 2, 7, 0xff, 0xd9])]);
  const segment = Buffer.concat([Buffer.from([0xff, 0xe1, 0, small.length + 2]), small]);
  return Buffer.concat([file.subarray(0, 2), segment, file.subarray(2)]);
}

async function judged(bytes: Buffer): Promise<boolean> {
  const source = bytesSource(bytes);
  const file = { length: bytes.length, read: async (offset: number, count: number) => source.read(offset, count) };
  const { info } = await inspectImage(file);
  return info !== null && isComplete(file, info);
}

test.each(FILES)('a %s is complete, also with bytes behind it', async (_name, make) => {
  const file = await make();
  expect(await judged(file)).toBe(true);
  for (const more of [1, 3000, 600_000]) expect(await judged(Buffer.concat([file, Buffer.alloc(more)]))).toBe(true);
});

test.each(FILES)('a %s that is cut off anywhere is not', async (_name, make) => {
  const file = await make();
  for (const fraction of [0.03, 0.1, 0.25, 0.5, 0.75, 0.99]) {
    expect(await judged(file.subarray(0, Math.floor(file.length * fraction))), `${fraction}`).toBe(false);
  }
  expect(await judged(file.subarray(0, -1))).toBe(false);
});

test('a BMP with run length coding is as long as its header says', async () => {
  const file = await encodeImage({ format: 'bmp', width: 300, height: 300 });
  file.writeUInt32LE(1, 30);
  file.writeUInt32LE(5000, 34);
  expect(await judged(file.subarray(0, 54 + 5000))).toBe(true);
  expect(await judged(file.subarray(0, 54 + 4999))).toBe(false);
});
