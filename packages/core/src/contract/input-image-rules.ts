import { base64ByteLength, base64Source, base64Steps, finish } from '../images/base64.ts';
import { isDataUri, readDataUri } from '../images/data-uri.ts';
import { MAX_SEGMENTS } from '../images/header-bytes.ts';
import {
  inspectBytes,
  MIME_TYPES,
  type ImageFormat,
  type ImageInfo,
  type InspectedImage,
} from '../images/image-info.ts';
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
  if (isDataUri(image)) return finish(dataUriProblem(image, name));
  if (isHttpUrl(image)) return null;
  if (image.trim() === '') return emptyImageProblem(name);
  return `${name} must be an http(s) URL or a base64 data URI, got ${describeValue(image)}: pass a file as bytes or as a data URI.`;
}

function isHttpUrl(text: string): boolean {
  const match = HTTP_URL.exec(text);
  return match !== null && Number(match[1] ?? 0) <= MAX_PORT;
}

/** The problem of a data URI, or null, in steps: see {@link base64Steps}. */
export function* dataUriProblem(text: string, name: string): Generator<undefined, string | null> {
  const uri = readDataUri(text);
  if (!uri || !formatOf(uri.mimeType)) return dataUriHeaderProblem(text, name);
  if (uri.base64 === '') return emptyImageProblem(name);
  if (!(yield* base64Steps(uri.base64))) return base64Problem(name);
  return (
    byteCountProblem(base64ByteLength(uri.base64), name) ??
    inspectedImageProblem(inspectBytes(base64Source(uri.base64)), name, uri.mimeType)
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

/** The problem of an input image of this size, or null. */
export function byteCountProblem(bytes: number, name: string): string | null {
  if (bytes === 0) return emptyImageProblem(name);
  if (bytes <= MAX_INPUT_IMAGE_BYTES) return null;
  return `${name} has ${bytes} bytes, at most 20 MB (${MAX_INPUT_IMAGE_BYTES}) are allowed: make the image smaller.`;
}

/** The problem of an input image by its header, or null. `declaredType` is the MIME type of its data URI; bytes alone have none. */
export function inspectedImageProblem(
  { format, info }: InspectedImage,
  name: string,
  declaredType?: string,
): string | null {
  const declared = declaredType === undefined ? '' : `declared as ${declaredType} but is `;
  if (format === null) return `${name} is ${declared}not a JPEG, PNG, BMP or WEBP: convert the image to one of them.`;
  const mimeType = MIME_TYPES[format];
  if (declaredType !== undefined && format !== formatOf(declaredType))
    return `${name} is ${declared}${mimeType}: declare the type of its bytes.`;
  if (info !== null) return imageProblem(info, name);
  return `${name} is a corrupt ${mimeType}, or has more than ${MAX_SEGMENTS} blocks of metadata: its header does not contain a width and a height. Save the image again without metadata.`;
}

/** The problem of an input image with these dimensions, or null. */
function imageProblem({ format, width, height, hasAlpha }: ImageInfo, name: string): string | null {
  const sides = `${name} is ${width}x${height} px`;
  if (Math.min(width, height) < MIN_INPUT_IMAGE_SIDE || Math.max(width, height) > MAX_INPUT_IMAGE_SIDE) {
    return `${sides}, each side must have ${MIN_INPUT_IMAGE_SIDE} to ${MAX_INPUT_IMAGE_SIDE}: resize the image.`;
  }
  if (!isAllowedRatio(width, height)) return `${sides}, its aspect ratio must lie between 1:8 and 8:1: crop the image.`;
  if (format === 'png' && hasAlpha === null) {
    return `${name} is a PNG with more than ${MAX_SEGMENTS} blocks of metadata, so it cannot be checked for an alpha channel: save it again without metadata.`;
  }
  if (format === 'png' && hasAlpha) {
    return `${name} is a PNG with an alpha channel, which is not allowed: flatten it onto a background or convert it to JPEG.`;
  }
  return null;
}
