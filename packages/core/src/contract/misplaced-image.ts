import { base64Source, isBase64 } from '../images/base64.ts';
import { sniffImageFormat } from '../images/image-info.ts';
import { describeName } from './describe-value.ts';
import { InputImage } from './input-image.ts';
import { MAX_INPUT_IMAGES } from './limits.ts';
import type { Problem } from './problem.ts';
import { RefusedImage } from './refused-image.ts';

/** Names under which a URL is that of an image, as far as anybody can tell from a name: `image_urls`, `init_img`, `referencePhoto`. */
const IMAGE_NAME = /image|img|mask|photo|pict/i;

/** Names of masks, whatever their value is. */
const MASK_NAME = /^(?:\w+_)?masks?(?:_?(?:url|image|file|id|base64|b64|data))?s?$/i;

/** Names under which an object of an image has its address or its bytes. */
const ADDRESS_NAMES: ReadonlySet<string> = new Set([
  'url',
  'uri',
  'image_url',
  'file_id',
  'file_url',
  'b64_json',
  'base64',
  'data',
]);

const DATA_URI = /^\s*data:(?:[\w.+-]+\/[\w.+-]+)?(?:\s*;[^;,\s]*)*,/i;
const ADDRESS = /^\s*[a-z][a-z0-9+.-]*:\/\/\S/i;

const MAX_PARAM_LENGTH = 60;

/** In characters: what is shorter is no image, whatever it begins with. */
const SHORTEST_BASE64 = 64;

/**
 * The problem of a parameter beyond the contract that is, or holds, an input image (ruling 11); null for any other. Passed on, the image
 * would be ignored, and what is billed would be another image than the one that was meant.
 */
export function misplacedImageProblem(name: string, value: unknown): Problem | null {
  const shown = describeName(name);
  const param = name.slice(0, MAX_PARAM_LENGTH);
  if (MASK_NAME.test(name) && isGiven(value)) {
    const message = `${shown} is not supported: this model has no masks. Leave it out, send the image in "image", and say in the prompt what is to be changed.`;
    return { param, message };
  }
  if (!holdsImage(value, IMAGE_NAME.test(name))) return null;
  const message = `${shown} holds an input image, but is not a parameter of this API: send it in "image", as a URL or a data URI, or as a list of up to ${MAX_INPUT_IMAGES} of them.`;
  return { param, message };
}

/** Whether it says anything: clients write an absent mask in many ways. */
function isGiven(value: unknown): boolean {
  if (typeof value === 'string') return value !== '';
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}

/** `isNamed`: whether the name of the value, or of anything around it, is that of an image. */
function holdsImage(value: unknown, isNamed: boolean): boolean {
  if (typeof value === 'string')
    return DATA_URI.test(value) || isImageInBase64(value) || (isNamed && ADDRESS.test(value));
  if (typeof value !== 'object' || value === null) return false;
  if (value instanceof InputImage || value instanceof RefusedImage) return true;
  if (Array.isArray(value)) return value.some((item) => holdsImage(item, isNamed));
  return Object.entries(value).some(([key, inner]) => {
    const isAddress = isNamed && ADDRESS_NAMES.has(key) && typeof inner === 'string' && inner !== '';
    return isAddress || holdsImage(inner, isNamed || IMAGE_NAME.test(key));
  });
}

/** Base64 without the header of a data URI, by the magic bytes of its beginning. */
function isImageInBase64(text: string): boolean {
  const head = text.slice(0, SHORTEST_BASE64);
  return head.length === SHORTEST_BASE64 && isBase64(head) && sniffImageFormat(base64Source(head)) !== null;
}
