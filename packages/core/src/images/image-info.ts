import { readBmp } from './bmp.ts';
import { hasText, type ByteSource } from './byte-source.ts';
import type { ImageHeader } from './image-header.ts';
import { readJpeg } from './jpeg.ts';
import { readPng } from './png.ts';
import { readWebp } from './webp.ts';

export type ImageFormat = 'png' | 'jpeg' | 'bmp' | 'webp';

export interface ImageInfo extends ImageHeader {
  readonly format: ImageFormat;
}

const READERS = { png: readPng, jpeg: readJpeg, bmp: readBmp, webp: readWebp };

/** The MIME type of each format. */
export const MIME_TYPES = {
  png: 'image/png',
  jpeg: 'image/jpeg',
  bmp: 'image/bmp',
  webp: 'image/webp',
} as const satisfies Record<ImageFormat, string>;

/** Detects the format by its magic bytes; null if it is none of the four. */
export function sniffImageFormat(source: ByteSource): ImageFormat | null {
  const head = source.read(0, 16);
  if (hasText(head, 0, '\x89PNG\r\n\x1a\n')) return 'png';
  if (hasText(head, 0, '\xff\xd8\xff')) return 'jpeg';
  if (hasText(head, 0, 'BM')) return 'bmp';
  if (hasText(head, 0, 'RIFF') && hasText(head, 8, 'WEBP')) return 'webp';
  return null;
}

/** The maximum of the PNG standard. No other format allows more. */
const MAX_SIDE = 2 ** 31 - 1;

function isSide(pixels: number): boolean {
  return pixels >= 1 && pixels <= MAX_SIDE;
}

/**
 * Reads format, dimensions and transparency from the header of an image, without decoding pixels. Null if the bytes are not a PNG, JPEG,
 * BMP or WEBP, if the header is incomplete, or if a side is impossible.
 */
export function readImageInfo(source: ByteSource): ImageInfo | null {
  const format = sniffImageFormat(source);
  if (!format) return null;
  const header = READERS[format](source);
  if (!header || !isSide(header.width) || !isSide(header.height)) return null;
  return { format, ...header };
}
