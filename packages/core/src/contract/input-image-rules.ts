import { base64ByteLength, base64Source, isBase64 } from '../images/base64.ts';
import type { ByteSource } from '../images/byte-source.ts';
import { isDataUri, readDataUri } from '../images/data-uri.ts';
import { MIME_TYPES, readImageInfo, sniffImageFormat, type ImageFormat, type ImageInfo } from '../images/image-info.ts';
import { describeValue } from './describe-value.ts';
import { MAX_INPUT_IMAGE_BYTES, MAX_INPUT_IMAGE_SIDE, MIN_INPUT_IMAGE_SIDE } from './limits.ts';
import { isAllowedRatio } from './size-rules.ts';

/** The MIME types a data URI may state, and the format that its bytes must then have. */
const FORMATS: Readonly<Record<string, ImageFormat>> = {
  'image/jpeg': 'jpeg',
  'image/jpg': 'jpeg',
  'image/png': 'png',
  'image/bmp': 'bmp',
  'image/webp': 'webp',
};

/** Only its form is checked (ruling 5): what the image is, only the vendor can see. */
const HTTP_URL = /^https?:\/\/(?:[^\s/?#@]*@)?(?:\[[0-9a-f:.]+\]|[^\s/?#@:%[\]<>^|\\]+)(?::(\d{1,5}))?(?:[/?#]\S*)?$/i;
const LAST_PORT = 65_535;

/**
 * What is wrong with an input image, or null. A data URI is checked whole before it is paid for (ruling 5):
 * MIME type, base64, magic bytes, size, sides, ratio, alpha. `name` is how messages call it (`image` or `image[1]`).
 */
export function inputImageProblem(image: string, name: string): string | null {
  if (isDataUri(image)) return dataUriProblem(image, name);
  if (isHttpUrl(image)) return null;
  return `${name} must be an http(s) URL or a base64 data URI, got ${describeValue(image)}: give a file as its bytes or as a data URI.`;
}

function isHttpUrl(text: string): boolean {
  const match = HTTP_URL.exec(text);
  return match !== null && Number(match[1] ?? 0) <= LAST_PORT;
}

function dataUriProblem(text: string, name: string): string | null {
  const uri = readDataUri(text);
  const format = uri === null ? undefined : formatOf(uri.mimeType);
  if (!uri || !format) return dataUriHeaderProblem(text, name);
  if (!isBase64(uri.base64)) return base64Problem(name);
  return (
    byteCountProblem(base64ByteLength(uri.base64), name) ??
    contentProblem(base64Source(uri.base64), uri.mimeType, format, name)
  );
}

function formatOf(mimeType: string): ImageFormat | undefined {
  return Object.hasOwn(FORMATS, mimeType) ? FORMATS[mimeType] : undefined;
}

/** What is wrong with a data URI as far as its header tells, or null. */
export function dataUriHeaderProblem(text: string, name: string): string | null {
  const uri = readDataUri(text);
  if (!uri) return `${name} must be a data URI of the form data:{MIME};base64,{data}: encode the image as base64.`;
  if (formatOf(uri.mimeType)) return null;
  return `${name} has the type ${JSON.stringify(uri.mimeType)}, allowed are JPEG, PNG without alpha, BMP and WEBP: convert the image.`;
}

/** Of text that is no base64. */
export function base64Problem(name: string): string {
  return `${name} is not valid base64: use the standard alphabet with padding and without line breaks.`;
}

/** What is wrong with the bytes of a data URI that states one of the allowed types, or null. */
export function statedImageProblem(source: ByteSource, mimeType: string, name: string): string | null {
  const format = formatOf(mimeType);
  return format ? contentProblem(source, mimeType, format, name) : null;
}

/** What is wrong with an input image of so many bytes, or null. */
export function byteCountProblem(bytes: number, name: string): string | null {
  if (bytes <= MAX_INPUT_IMAGE_BYTES) return null;
  return `${name} has ${bytes} bytes, at most 20 MB (${MAX_INPUT_IMAGE_BYTES}) are allowed: make the image smaller.`;
}

/** What is wrong with an input image that is given as bytes, or its MIME type. */
export function judgeImageBytes(
  source: ByteSource,
  name: string,
): { readonly mimeType: string } | { readonly problem: string } {
  const format = sniffImageFormat(source);
  if (!format) return { problem: `${name} holds no JPEG, PNG, BMP or WEBP: convert the image to one of them.` };
  const mimeType = MIME_TYPES[format];
  const info = readImageInfo(source);
  const problem = info === null ? brokenHeader(name, mimeType) : imageProblem(info, name);
  return problem === null ? { mimeType } : { problem };
}

function brokenHeader(name: string, mimeType: string): string {
  return `${name} is a broken ${mimeType}: its width and height cannot be read from its header.`;
}

function contentProblem(source: ByteSource, mimeType: string, format: ImageFormat, name: string): string | null {
  const found = sniffImageFormat(source);
  if (found !== format) {
    return found
      ? `${name} says ${mimeType} but holds ${MIME_TYPES[found]}: state the type that the bytes have.`
      : `${name} says ${mimeType} but holds no JPEG, PNG, BMP or WEBP: convert the image to one of them.`;
  }
  const info = readImageInfo(source);
  return info === null ? brokenHeader(name, mimeType) : imageProblem(info, name);
}

/** What is wrong with an image of these dimensions as an input, or null. */
function imageProblem({ format, width, height, hasAlpha }: ImageInfo, name: string): string | null {
  const sides = `${name} is ${width}x${height} px`;
  if (Math.min(width, height) < MIN_INPUT_IMAGE_SIDE || Math.max(width, height) > MAX_INPUT_IMAGE_SIDE) {
    return `${sides}, each side must have ${MIN_INPUT_IMAGE_SIDE} to ${MAX_INPUT_IMAGE_SIDE}: resize the image.`;
  }
  if (!isAllowedRatio(width, height)) return `${sides}, its aspect ratio must lie between 1:8 and 8:1: crop the image.`;
  if (format === 'png' && hasAlpha) {
    return `${name} is a PNG with an alpha channel, which is not allowed: flatten it onto a background or convert it to JPEG.`;
  }
  return null;
}
