import type { Metadata } from 'sharp';

/** The facts in the header of an image that decide how much of it a decoder holds at once. */
export type DecodeFacts = Pick<
  Metadata,
  'format' | 'width' | 'height' | 'channels' | 'hasAlpha' | 'depth' | 'isProgressive' | 'chromaSubsampling'
>;

/** Of libvips, however small the image: 17 to 24 MiB were measured. */
const BASE_BYTES = 28 * 1024 * 1024;

/** The most rows that are in buffers on the way from the decoder to the thumbnail: up to 1,700 were measured. A JPEG is scaled before. */
const BUFFERED_ROWS = 1750;

/**
 * How much memory the decoding of an image takes, at most, in bytes. Most images are decoded line by line. Held as a whole are the
 * coefficients of a JPEG in several scans, and the pixels of an interlaced PNG and of a WEBP. What EXIF turns is turned when it is small.
 * The bench `images` measures each kind.
 */
export function decodeBytes(facts: DecodeFacts): number {
  const buffers = facts.format === 'jpeg' ? 0 : facts.width * pixelBytes(facts) * BUFFERED_ROWS;
  return BASE_BYTES + buffers + facts.width * facts.height * heldPerPixel(facts);
}

function heldPerPixel(facts: DecodeFacts): number {
  // Only one without loss is held as a whole, but the header does not tell.
  if (facts.format === 'webp') return WEBP_BYTES;
  if (!facts.isProgressive) return 0;
  return facts.format === 'jpeg' ? COEFFICIENT_BYTES * samplesPerPixel(facts) : pixelBytes(facts);
}

const WEBP_BYTES = 4;
const COEFFICIENT_BYTES = 2;

function samplesPerPixel({ channels, chromaSubsampling }: DecodeFacts): number {
  return channels === 3 && chromaSubsampling === '4:2:0' ? 1.5 : channels;
}

function pixelBytes({ format, channels, depth }: DecodeFacts): number {
  return (format === 'webp' ? 4 : channels) * (depth === 'ushort' ? 2 : 1);
}
