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

/** The MIME type of each format, as we write it. */
export const MIME_TYPES = {
  png: 'image/png',
  jpeg: 'image/jpeg',
  bmp: 'image/bmp',
  webp: 'image/webp',
} as const satisfies Record<ImageFormat, string>;

/** The format by its magic bytes, whatever name or MIME type it came with; null where it is none of the four. */
export function sniffImageFormat(source: ByteSource): ImageFormat | null {
  const head = source.read(0, 16);
  if (hasText(head, 0, '\x89PNG\r\n\x1a\n')) return 'png';
  if (hasText(head, 0, '\xff\xd8\xff')) return 'jpeg';
  if (hasText(head, 0, 'BM')) return 'bmp';
  if (hasText(head, 0, 'RIFF') && hasText(head, 8, 'WEBP')) return 'webp';
  return null;
}

/** The largest that the PNG standard allows, and no other format allows more. */
const LONGEST_SIDE = 2 ** 31 - 1;

function isSide(pixels: number): boolean {
  return pixels >= 1 && pixels <= LONGEST_SIDE;
}

/**
 * What an image is, read from its header alone: no pixel is decoded.
 * Null where the bytes are none of PNG, JPEG, BMP and WEBP, end before the header does, or have a side that no image has.
 */
export function readImageInfo(source: ByteSource): ImageInfo | null {
  const format = sniffImageFormat(source);
  if (!format) return null;
  const header = READERS[format](source);
  if (!header || !isSide(header.width) || !isSide(header.height)) return null;
  return { format, ...header };
}
