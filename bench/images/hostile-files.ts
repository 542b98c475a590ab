import { chunk, endChunk, headerChunk, png, SIGNATURE } from '../support/png.ts';

/** The largest input that is accepted. */
const SIZE = 20 * 1024 * 1024;

const START_OF_JPEG = Buffer.from([0xff, 0xd8, 0xff]);
const PNG_HEADER = Buffer.concat([SIGNATURE, headerChunk(1024, 1024)]);

function filled(start: Buffer, repeated: Buffer): Buffer {
  return Buffer.concat([start, Buffer.alloc(SIZE - start.length, repeated)]);
}

/** Files of 20 MB that are cheap to send. Each once took a reader of headers seconds, or could: see `unusual-files.test.ts` of core. */
export const HOSTILE: Readonly<Record<string, () => Buffer>> = {
  'restart markers': () => filled(START_OF_JPEG, Buffer.from([0xff, 0xd0])),
  'empty comments': () => filled(START_OF_JPEG.subarray(0, 2), Buffer.from([0xff, 0xfe, 0, 2])),
  'long comments': () => filled(START_OF_JPEG.subarray(0, 2), Buffer.from([0xff, 0xfe, 0xff, 0xff])),
  'fill bytes': () => filled(START_OF_JPEG, Buffer.from([0xff])),
  'stray bytes': () => filled(START_OF_JPEG, Buffer.from([0x41])),
  'stuffed zeros': () => filled(START_OF_JPEG, Buffer.from([0xff, 0])),
  'empty text': () => filled(PNG_HEADER, chunk('tEXt', Buffer.alloc(0))),
  'scattered text': () => filled(PNG_HEADER, chunk('tEXt', Buffer.alloc(5000))),
};

/** An image that has as many bytes, and nothing else in common with them. */
export function ordinary(): Buffer {
  return png(SIZE);
}

/** The sizes of the seven passes of an interlaced PNG: first column, first row, steps. */
const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** An interlaced PNG that is black: few bytes, which a decoder holds as a whole. */
export function interlacedPng(
  side: number,
  colourType: 2 | 6,
  depth: 8 | 16,
  compress: (bytes: Buffer) => Buffer,
): Buffer {
  const pixelBytes = ((colourType === 2 ? 3 : 4) * depth) / 8;
  const lengths = PASSES.map(([x, y, stepX, stepY]) => {
    const [columns, rows] = [Math.ceil((side - x) / stepX), Math.ceil((side - y) / stepY)];
    return columns > 0 ? (1 + columns * pixelBytes) * rows : 0;
  });
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([depth, colourType, 0, 0, 1], 8);
  const pixels = compress(Buffer.alloc(lengths.reduce((sum, length) => sum + length, 0)));
  return Buffer.concat([SIGNATURE, chunk('IHDR', header), chunk('IDAT', pixels), endChunk()]);
}

/** A progressive JPEG that is grey: one scan with a difference of zero, one bit, for each block. */
export function progressiveJpeg(side: number, subsampling: 1 | 2): Buffer {
  const segment = (code: number, data: readonly number[]): Buffer =>
    Buffer.from([0xff, code, (data.length + 2) >> 8, (data.length + 2) & 0xff, ...data]);
  const sides = [side >> 8, side & 0xff, side >> 8, side & 0xff];
  const factors = subsampling * 16 + subsampling;
  const units = Math.ceil(side / (8 * subsampling)) ** 2;
  const bits = units * (subsampling ** 2 + 2);
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    segment(0xdb, [0, ...Array<number>(64).fill(1)]),
    segment(0xc2, [8, ...sides, 3, 1, factors, 0, 2, 0x11, 0, 3, 0x11, 0]),
    // One code of one bit, for the category 0.
    segment(0xc4, [0, 1, ...Array<number>(15).fill(0), 0]),
    segment(0xda, [3, 1, 0, 2, 0, 3, 0, 0, 0, 0]),
    Buffer.alloc(Math.floor(bits / 8)),
    Buffer.from([0xff >> (bits % 8), 0xff, 0xd9]),
  ]);
}
