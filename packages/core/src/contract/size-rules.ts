import {
  MAX_ASPECT_RATIO,
  MAX_OTHER_MODE_PIXELS,
  MAX_TEXT_TO_IMAGE_PIXELS,
  MIN_TEXT_TO_IMAGE_PIXELS,
  SIZE_PRESETS,
  type MODELS,
} from './limits.ts';

/** A named size. */
export type SizePreset = keyof typeof SIZE_PRESETS;

/** The parameters that the allowed sizes depend on. */
export interface SizeContext {
  readonly model: (typeof MODELS)[number];
  readonly hasImage: boolean;
  readonly sequential: boolean;
}

const CUSTOM_SIZE = /^([1-9]\d{0,8})x([1-9]\d{0,8})$/;

/** Whether a size is a preset; the spelling must be exact. */
export function isSizePreset(size: string): size is SizePreset {
  return Object.hasOwn(SIZE_PRESETS, size);
}

/** Width and height, in pixels, of a custom size such as `1280x720`; null if the text is not a custom size. */
export function readCustomSize(size: string): { width: number; height: number } | null {
  const match = CUSTOM_SIZE.exec(size);
  return match ? { width: Number(match[1]), height: Number(match[2]) } : null;
}

/** The problem of a size in its request (rulings 7 and 8), or null. */
export function sizeProblem(size: string, context: SizeContext): string | null {
  if (isSizePreset(size)) return size === '4K' ? problemOf4K(context) : null;
  const custom = readCustomSize(size);
  if (!custom) return spellingProblem(size);
  return areaProblem(size, custom.width * custom.height, context) ?? ratioProblem(size, custom);
}

function problemOf4K({ model, hasImage, sequential }: SizeContext): string | null {
  if (model !== 'wan2.7-image-pro') {
    return 'size "4K" is only for wan2.7-image-pro: use "2K", or the model wan2.7-image-pro.';
  }
  if (hasImage) return 'size "4K" is only for text-to-image, not with an input image: use "2K", or omit image.';
  if (sequential)
    return 'size "4K" is only for single images, not for an image set: use "2K", or enable_sequential false.';
  return null;
}

function spellingProblem(size: string): string {
  const suggestion = normalizedSize(size);
  if (suggestion) return `Invalid size ${JSON.stringify(size)}. Did you mean "${suggestion}"?`;
  const quoted = size.length <= 40 ? ` ${JSON.stringify(size)}` : '';
  return `Invalid size${quoted}: use one of "1K", "2K", "4K", or {width}x{height} in pixels such as "1280x720".`;
}

function normalizedSize(size: string): string | null {
  if (size.length > 40) return null;
  const spelling = size
    .replace(/\s+/g, '')
    .replace(/[*×xX]/g, 'x')
    .replace(/k$/, 'K');
  return isSizePreset(spelling) || readCustomSize(spelling) ? spelling : null;
}

function areaProblem(size: string, pixels: number, { hasImage, sequential }: SizeContext): string | null {
  if (hasImage || sequential) {
    if (pixels <= MAX_OTHER_MODE_PIXELS) return null;
    const mode = hasImage ? 'with an input image' : 'in an image set';
    return `size "${size}" has ${pixels} pixels, at most 2048x2048 (${MAX_OTHER_MODE_PIXELS}) are allowed ${mode}: make it smaller.`;
  }
  const allowed = `text-to-image allows 768x768 (${MIN_TEXT_TO_IMAGE_PIXELS}) to 4096x4096 (${MAX_TEXT_TO_IMAGE_PIXELS})`;
  if (pixels < MIN_TEXT_TO_IMAGE_PIXELS) return `size "${size}" has ${pixels} pixels, ${allowed}: make it larger.`;
  if (pixels > MAX_TEXT_TO_IMAGE_PIXELS) return `size "${size}" has ${pixels} pixels, ${allowed}: make it smaller.`;
  return null;
}

function ratioProblem(size: string, { width, height }: { width: number; height: number }): string | null {
  if (isAllowedRatio(width, height)) return null;
  const [long, longest] = width > height ? ['width', MAX_ASPECT_RATIO * height] : ['height', MAX_ASPECT_RATIO * width];
  return `size "${size}" has an aspect ratio outside 1:${MAX_ASPECT_RATIO} to ${MAX_ASPECT_RATIO}:1: make the ${long} at most ${longest}.`;
}

/** Inclusive, and computed in whole numbers: 4096x512 is exactly 8:1. */
export function isAllowedRatio(width: number, height: number): boolean {
  return width <= MAX_ASPECT_RATIO * height && height <= MAX_ASPECT_RATIO * width;
}
