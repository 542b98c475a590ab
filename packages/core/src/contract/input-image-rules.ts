import { base64ByteLength, base64Source, isBase64 } from '../images/base64.ts';
import type { ByteSource } from '../images/byte-source.ts';
import { isDataUri, readDataUri } from '../images/data-uri.ts';
import { MIME_TYPES, readImageInfo, sniffImageFormat, type ImageFormat, type ImageInfo } from '../images/image-info.ts';
import { describeValue } from './describe-value.ts';
import { MAX_INPUT_IMAGE_BYTES, MAX_INPUT_IMAGE_SIDE, MIN_INPUT_IMAGE_SIDE } from './limits.ts';
import { isAllowedRatio } from './size-rules.ts';

/** The allowed MIME types of a data URI, and the format that its bytes must have. */
const FORMATS: Readonly<Record<string, ImageFormat>> = {
  'image/jpeg': 'jpeg',
  'image/jpg': 'jpeg',
  'image/png': 'png',
  'image/bmp': 'bmp',
  'image/webp': 'webp',
};

/** Only the syntax of a URL is checked (ruling 5): the vendor fetches the image. */
const HTTP_URL = /^https?:\/\/(?:[^\s/?#@]*@)?(?:\[[0-9a-f:.]+\]|[^\s/?#@:%[\]<>^|\\]+)(?::(\d{1,5}))?(?:[/?#]\S*)?$/i;
const MAX_PORT = 65_535;

/**
 * The problem of an input image, or null. A data URI is checked completely before the request is paid for (ruling 5):
 * MIME type, base64, magic bytes, size, sides, ratio, alpha. `name` is its name in messages (`image` or `image[1]`).
 */
export function inputImageProblem(image: string, name: string): string | null {
  if (isDataUri(image)) return dataUriProblem(image, name);
  if (isHttpUrl(image)) return null;
  if (image.trim() === '') return emptyImageProblem(name);
  return `${name} must be an http(s) URL or a base64 data URI, got ${describeValue(image)}: pass a file as bytes or as a data URI.`;
}

function isHttpUrl(text: string): boolean {
  const match = HTTP_URL.exec(text);
  return match !== null && Number(match[1] ?? 0) <= MAX_PORT;
}

function dataUriProblem(text: string, name: string): string | null {
  const uri = readDataUri(text);
  const format = uri === null ? undefined : formatOf(uri.mimeType);
  if (!uri || !format) return dataUriHeaderProblem(text, name);
  if (uri.base64 === '') return emptyImageProblem(name);
  if (!isBase64(uri.base64)) return base64Problem(name);
  return (
    byteCountProblem(base64ByteLength(uri.base64), name) ??
    contentProblem(base64Source(uri.base64), uri.mimeType, format, name)
  );
}

function formatOf(mimeType: string): ImageFormat | undefined {
  return Object.hasOwn(FORMATS, mimeType) ? FORMATS[mimeType] : undefined;
}

/** The problem of the header of a data URI, or null. */
export function dataUriHeaderProblem(text: string, name: string): string | null {
  const uri = readDataUri(text);
  if (!uri) {
    // Only up to the comma: what follows is the image.
    const header = /^[^,]{0,60}(?=,)/.exec(text)?.[0];
    const found = header === undefined ? '' : `, got ${JSON.stringify(header)}`;
    return `${name} must be a data URI of the form data:{MIME};base64,{data}${found}: encode the image as base64.`;
  }
  if (formatOf(uri.mimeType)) return null;
  return `${name} has the type ${JSON.stringify(uri.mimeType)}, allowed are JPEG, PNG without alpha, BMP and WEBP: convert the image.`;
}

/** The problem of an image without bytes. */
export function emptyImageProblem(name: string): string {
  return `${name} is empty: send an image, or omit ${name}.`;
}

/** The problem of a text that is not base64. */
export function base64Problem(name: string): string {
  return `${name} is not valid base64: use the standard alphabet with padding and without line breaks.`;
}

/** The problem of the bytes of a data URI with an allowed MIME type, or null. */
export function statedImageProblem(source: ByteSource, mimeType: string, name: string): string | null {
  const format = formatOf(mimeType);
  return format ? contentProblem(source, mimeType, format, name) : null;
}

/** The problem of an input image of this size, or null. */
export function byteCountProblem(bytes: number, name: string): string | null {
  if (bytes <= MAX_INPUT_IMAGE_BYTES) return null;
  return `${name} has ${bytes} bytes, at most 20 MB (${MAX_INPUT_IMAGE_BYTES}) are allowed: make the image smaller.`;
}

/** The MIME type of an input image that is passed as bytes, or its problem. */
export function judgeImageBytes(
  source: ByteSource,
  name: string,
): { readonly mimeType: string } | { readonly problem: string } {
  if (source.length === 0) return { problem: emptyImageProblem(name) };
  const format = sniffImageFormat(source);
  if (!format) return { problem: `${name} is not a JPEG, PNG, BMP or WEBP: convert the image to one of them.` };
  const mimeType = MIME_TYPES[format];
  const info = readImageInfo(source);
  const problem = info === null ? brokenHeader(name, mimeType) : imageProblem(info, name);
  return problem === null ? { mimeType } : { problem };
}

function brokenHeader(name: string, mimeType: string): string {
  return `${name} is a corrupt ${mimeType}: its header does not contain a width and a height.`;
}

function contentProblem(source: ByteSource, mimeType: string, format: ImageFormat, name: string): string | null {
  const found = sniffImageFormat(source);
  if (found !== format) {
    return found
      ? `${name} is declared as ${mimeType} but is ${MIME_TYPES[found]}: declare the type of its bytes.`
      : `${name} is declared as ${mimeType} but is not a JPEG, PNG, BMP or WEBP: convert the image to one of them.`;
  }
  const info = readImageInfo(source);
  return info === null ? brokenHeader(name, mimeType) : imageProblem(info, name);
}

/** The problem of an input image with these dimensions, or null. */
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
