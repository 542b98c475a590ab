import { isBmpHeaderSize, readBmp } from './bmp.ts';
import { hasText, uint32LittleEndian, type AsyncByteSource, type ByteSource } from './byte-source.ts';
import { HeaderBytes, type HeaderSteps } from './header-bytes.ts';
import type { ImageHeader } from './image-header.ts';
import { readJpeg } from './jpeg.ts';
import { readPng } from './png.ts';
import { readWebp } from './webp.ts';

/** A format of images that this API knows, by its magic bytes. */
export type ImageFormat = 'png' | 'jpeg' | 'bmp' | 'webp';

/** What the header of an image says. */
export interface ImageInfo extends ImageHeader {
  /** By its magic bytes. */
  readonly format: ImageFormat;
  /** In pixels, as the image is shown: EXIF orientations 5 to 8 swap the sides that are stored. */
  readonly width: number;
  /** In pixels, as the image is shown. */
  readonly height: number;
}

/** What the beginning of a file says. */
export interface InspectedImage {
  /** By its magic bytes; null if it is none of the four. */
  readonly format: ImageFormat | null;
  /** Null if the header is incomplete, or impossible. */
  readonly info: ImageInfo | null;
}

const READERS = { png: readPng, jpeg: readJpeg, bmp: readBmp, webp: readWebp };

/** The MIME type of each format. */
export const MIME_TYPES = {
  png: 'image/png',
  jpeg: 'image/jpeg',
  bmp: 'image/bmp',
  webp: 'image/webp',
} as const satisfies Record<ImageFormat, string>;

/** The number of bytes from which {@link sniffImageFormat} tells the format. */
const HEAD_BYTES = 18;

/** Detects the format by its first 18 bytes; null if it is none of the four. */
export function sniffImageFormat(source: ByteSource): ImageFormat | null {
  return formatOf(source.read(0, HEAD_BYTES));
}

function formatOf(head: Uint8Array): ImageFormat | null {
  if (hasText(head, 0, '\x89PNG\r\n\x1a\n')) return 'png';
  if (hasText(head, 0, '\xff\xd8\xff')) return 'jpeg';
  if (hasText(head, 0, 'BM') && isBmpHeaderSize(uint32LittleEndian(head, 14))) return 'bmp';
  if (hasText(head, 0, 'RIFF') && hasText(head, 8, 'WEBP')) return 'webp';
  return null;
}

/** The maximum of the PNG standard. No other format allows more. */
const MAX_SIDE = 2 ** 31 - 1;

function isSide(pixels: number): boolean {
  return pixels >= 1 && pixels <= MAX_SIDE;
}

function* inspection(length: number): HeaderSteps<InspectedImage> {
  const bytes = new HeaderBytes(length);
  const format = formatOf(yield* bytes.read(0, HEAD_BYTES));
  if (format === null) return { format, info: null };
  const header = yield* READERS[format](bytes);
  if (!header || !isSide(header.width) || !isSide(header.height)) return { format, info: null };
  const { width, height, orientation } = header;
  const sides = orientation !== null && orientation >= 5 ? { width: height, height: width } : { width, height };
  return { format, info: { format, ...header, ...sides } };
}

/**
 * Reads format, dimensions, orientation and transparency from the header of an image, without decoding pixels, within its first 1,024
 * segments and 1 MiB of reading. Null if the bytes are not a PNG, JPEG, BMP or WEBP, if the header is incomplete or longer than that, or if
 * a side is impossible.
 */
export function readImageInfo(source: ByteSource): ImageInfo | null {
  return inspectBytes(source).info;
}

export function inspectBytes(source: ByteSource): InspectedImage {
  const steps = inspection(source.length);
  let step = steps.next();
  while (!step.done) step = steps.next(source.read(...step.value));
  return step.value;
}

/** Like {@link readImageInfo}, for a source that takes time; and tells the format of an image whose header cannot be read. */
export async function inspectImage(source: ByteSource | AsyncByteSource): Promise<InspectedImage> {
  const steps = inspection(source.length);
  let step = steps.next();
  while (!step.done) step = steps.next(await source.read(...step.value));
  return step.value;
}
