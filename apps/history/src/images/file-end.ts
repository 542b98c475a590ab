import type { AsyncByteSource, ImageInfo } from '@wan-image/core';

/** How much is searched at a time. */
const SEARCHED_BYTES = 256 * 1024;

/** A PNG of 128 MiB has as many chunks if each has 8 KiB, as of libpng. A file with more counts as complete. */
const MOST_CHUNKS = 16_384;

/** More segments than are read for the size. */
const MOST_SEGMENTS = 4096;

const IEND = Buffer.from([0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82]);
const END_OF_IMAGE = Buffer.from([0xff, 0xd9]);

const RUN_LENGTH_CODED: ReadonlySet<number> = new Set([1, 2]);

/**
 * Whether a file has everything that its format announces. A download without a length that is cut off ends like a whole one; only the file
 * itself shows it. What follows the end of an image is allowed, as every decoder allows it.
 */
export function isComplete(file: AsyncByteSource, { format }: Pick<ImageInfo, 'format'>): Promise<boolean> {
  return CHECKS[format](file);
}

const CHECKS: Readonly<Record<ImageInfo['format'], (file: AsyncByteSource) => Promise<boolean>>> = {
  png: isCompletePng,
  jpeg: isCompleteJpeg,
  webp: async (file) => file.length >= 8 + (await numberAt(file, 4)),
  bmp: isCompleteBmp,
};

/** The chunk IEND is the end. The last bytes are looked at first; only a file that has others there is walked through. */
async function isCompletePng(file: AsyncByteSource): Promise<boolean> {
  const last = await file.read(Math.max(0, file.length - IEND.length), IEND.length);
  if (IEND.equals(last)) return true;
  let offset = 8;
  for (let chunks = 0; chunks < MOST_CHUNKS; chunks++) {
    const chunk = Buffer.from(await file.read(offset, 8));
    if (chunk.length < 8) return false;
    offset += 12 + chunk.readUInt32BE(0);
    if (chunk.toString('latin1', 4) === 'IEND') return offset <= file.length;
  }
  return true;
}

/** The marker EOI ends the image. Within compressed data it cannot occur; within metadata it can, at the end of a thumbnail. */
async function isCompleteJpeg(file: AsyncByteSource): Promise<boolean> {
  const scan = await startOfScan(file);
  if (scan === null) return false;
  const tail = Math.max(scan, file.length - SEARCHED_BYTES);
  return (await hasEndOfImage(file, tail, file.length)) || hasEndOfImage(file, scan, tail + 1);
}

async function hasEndOfImage(file: AsyncByteSource, from: number, to: number): Promise<boolean> {
  for (let offset = from; offset < to; offset += SEARCHED_BYTES) {
    // One byte more, for a marker across the border.
    const bytes = Buffer.from(await file.read(offset, Math.min(SEARCHED_BYTES, to - offset) + 1));
    if (bytes.includes(END_OF_IMAGE)) return true;
  }
  return false;
}

/** The position of the first scan, behind all metadata, or as far as it is looked for; null if the file ends before it. */
async function startOfScan(file: AsyncByteSource): Promise<number | null> {
  let offset = 2;
  for (let segments = 0; segments < MOST_SEGMENTS; segments++) {
    const segment = Buffer.from(await file.read(offset, 4));
    const [marker = 0, code = 0] = segment;
    if (segment.length < 4) return null;
    // Stray bytes between two segments, and what has no length.
    if (marker !== 0xff || code === 0xff || code === 0 || code === 1 || (code >= 0xd0 && code <= 0xd9)) offset++;
    else if (code === 0xda) return offset;
    else offset += 2 + Math.max(2, segment.readUInt16BE(2));
  }
  return offset;
}

/** The pixels are as long as sides and depth say, or as the header says of those that are run length coded. */
async function isCompleteBmp(file: AsyncByteSource): Promise<boolean> {
  const header = Buffer.concat([Buffer.from(await file.read(0, 54)), Buffer.alloc(54)]);
  const isOs2 = header.readUInt32LE(14) === 12;
  const [width, height, depth] = isOs2
    ? [header.readUInt16LE(18), header.readUInt16LE(20), header.readUInt16LE(24)]
    : [header.readInt32LE(18), Math.abs(header.readInt32LE(22)), header.readUInt16LE(28)];
  const compression = header.readUInt32LE(14) < 20 ? 0 : header.readUInt32LE(30);
  const rowBytes = Math.ceil((width * depth) / 32) * 4;
  const isCoded = RUN_LENGTH_CODED.has(compression);
  return file.length >= header.readUInt32LE(10) + (isCoded ? header.readUInt32LE(34) : rowBytes * height);
}

async function numberAt(file: AsyncByteSource, offset: number): Promise<number> {
  return Buffer.from(await file.read(offset, 4)).readUInt32LE(0);
}
