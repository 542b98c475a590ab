import type { Metadata } from 'sharp';

/** The facts in the header of an image that decide how much of it a decoder holds at once. */
export type DecodeFacts = Pick<
  Metadata,
  'format' | 'width' | 'height' | 'channels' | 'depth' | 'isProgressive' | 'chromaSubsampling' | 'orientation'
>;

/** Of libvips and its buffers, however small the image. */
const BASE_BYTES = 32 * 1024 * 1024;

/**
 * How much memory the decoding of an image takes, at most, in bytes. Most images are decoded line by line. Held as a whole are the
 * coefficients of a JPEG in several scans, the pixels of an interlaced PNG and of a WEBP, and those of an image that EXIF turns. The bench
 * `images` measures each kind.
 */
export function decodeBytes(facts: DecodeFacts): number {
  const pixels = facts.width * facts.height;
  return BASE_BYTES + pixels * (heldPerPixel(facts) + turnedPerPixel(facts));
}

function heldPerPixel(facts: DecodeFacts): number {
  if (facts.format === 'webp') return WEBP_BYTES;
  if (!facts.isProgressive) return 0;
  return facts.format === 'jpeg' ? COEFFICIENT_BYTES * samplesPerPixel(facts) : pixelBytes(facts);
}

/** A decoder of WEBP holds the pixels with alpha, and the planes that it decodes them from. */
const WEBP_BYTES = 8;

const COEFFICIENT_BYTES = 2;

function samplesPerPixel({ channels, chromaSubsampling }: DecodeFacts): number {
  return channels === 3 && chromaSubsampling === '4:2:0' ? 1.5 : channels;
}

/** Turning takes all pixels. A JPEG is scaled to at most a quarter of its pixels before, or is small. */
function turnedPerPixel(facts: DecodeFacts): number {
  return (facts.orientation ?? 1) === 1 ? 0 : pixelBytes(facts);
}

function pixelBytes({ channels, depth }: DecodeFacts): number {
  return channels * (depth === 'ushort' ? 2 : 1);
}
