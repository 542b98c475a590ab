import { createHash } from 'node:crypto';
import { isSizePreset, readCustomSize, SIZE_PRESETS, type GenerationRequest } from '@wan-image/core';
import type { InputImage } from './input-images.ts';
import type { ImageSpec } from './image-spec.ts';

const MAX_CAPTION_CHARACTERS = 160;

/** One set in four has fewer images than requested, because the model decides how many a set has. */
const SHORT_SET_ODDS = 4;

/** Plans the images of a request. `count` overrides their number; `prompt` is without the directive. */
export function planImages(
  request: GenerationRequest,
  prompt: string,
  inputs: readonly InputImage[],
  count: number | null,
): ImageSpec[] {
  const theme = createHash('sha256')
    .update(JSON.stringify([request.model, prompt, request.seed ?? null]))
    .digest('hex');
  const total = count ?? numberOfImages(request, theme);
  const { width, height } = pixelSize(request.size, inputs);
  const shared = {
    width,
    height,
    theme,
    caption: Array.from(prompt).slice(0, MAX_CAPTION_CHARACTERS).join(''),
    model: request.model,
    seed: request.seed ?? null,
    watermark: request.watermark ?? false,
    inputs: inputs.map((input) => input.thumbnail),
  };
  return Array.from({ length: total }, (_, index) => ({ ...shared, index, total }));
}

function numberOfImages(request: GenerationRequest, theme: string): number {
  if (!request.enable_sequential || request.n < 3) return request.n;
  const chance = Number.parseInt(theme.slice(0, 4), 16);
  return chance % SHORT_SET_ODDS === 0 ? request.n - 1 - (chance % Math.floor(request.n / 2)) : request.n;
}

/** A preset is a square, or follows the ratio of the last input image within its area (ruling 12). */
function pixelSize(
  size: string,
  inputs: readonly Pick<InputImage, 'width' | 'height'>[],
): { width: number; height: number } {
  const custom = readCustomSize(size);
  if (custom) return custom;
  const side = isSizePreset(size) ? SIZE_PRESETS[size] : SIZE_PRESETS['2K'];
  const last = inputs.at(-1);
  if (!last) return { width: side, height: side };
  const ratio = Math.sqrt(last.width / last.height);
  return { width: multipleOf16(side * ratio), height: multipleOf16(side / ratio) };
}

/** Image models work in blocks. Rounded down, so that the area stays within its limit. */
function multipleOf16(pixels: number): number {
  // Without the epsilon, a rounding error of the square root could turn a side of 2048 into 2032.
  return Math.floor((pixels + 1e-6) / 16) * 16;
}
