import { isSizePreset, parseGenerationRequest, readCustomSize, SIZE_PRESETS, type SizePreset } from '@wan-image/core';
import type { ModelName } from '@wan-image/core';

/** What the allowed sizes depend on. */
export interface SizeMode {
  readonly model: ModelName;
  readonly hasInputs: boolean;
  readonly isSet: boolean;
}

/** A shape: width to height. `input` is that of the last input image, which a preset follows. */
export type Shape = 'input' | (typeof RATIOS)[number];

const RATIOS = ['1:1', '4:3', '3:4', '3:2', '2:3', '16:9', '9:16', '21:9', '9:21'] as const;

const TIERS = Object.keys(SIZE_PRESETS) as readonly SizePreset[];

/** A size of the picker. */
export interface SizeChoice {
  readonly tier: SizePreset;
  readonly shape: Shape;
}

/** What is offered, from which the size of a request follows. */
export function shapesOf({ hasInputs }: Pick<SizeMode, 'hasInputs'>): readonly Shape[] {
  return hasInputs ? ['input', ...RATIOS] : RATIOS;
}

/** The size as a request has it. */
export function sizeOf({ tier, shape }: SizeChoice, hasInputs: boolean): string {
  // Without input images a preset is a square; with them it has the shape of the last one.
  if (shape === 'input' || (shape === '1:1' && !hasInputs)) return tier;
  const { width, height } = pixelsOf(tier, shape);
  return `${width}x${height}`;
}

/** The choice that a size comes from; null for a size of its own. */
export function choiceOf(size: string, hasInputs: boolean): SizeChoice | null {
  if (isSizePreset(size)) return { tier: size, shape: hasInputs ? 'input' : '1:1' };
  const custom = readCustomSize(size);
  if (custom === null) return null;
  for (const tier of TIERS) {
    for (const shape of RATIOS) {
      const { width, height } = pixelsOf(tier, shape);
      if (custom.width === width && custom.height === height) return { tier, shape };
    }
  }
  return null;
}

/** Width and height of a size; null with the shape of an input image whose shape is unknown. */
export function dimensionsOf(
  size: string,
  lastInput: { readonly width: number; readonly height: number } | null,
  hasInputs: boolean,
): { readonly width: number; readonly height: number } | null {
  if (!isSizePreset(size)) return readCustomSize(size);
  const side = SIZE_PRESETS[size];
  if (!hasInputs) return { width: side, height: side };
  if (lastInput === null) return null;
  const scale = side / Math.sqrt(lastInput.width * lastInput.height);
  return { width: Math.floor(lastInput.width * scale), height: Math.floor(lastInput.height * scale) };
}

/**
 * Why the contract does not allow a size in this mode, in the words of core; null if it does. core is asked, so that there is no second
 * description of its rules: with a request that is right otherwise, because it judges a size only if all other fields are.
 */
export function problemOfSize(size: string, { model, hasInputs, isSet }: SizeMode): string | null {
  const request = { model, prompt: 'size', size, enable_sequential: isSet };
  const parsed = parseGenerationRequest(hasInputs ? { ...request, image: 'https://localhost/' } : request);
  return parsed.ok ? null : (parsed.problems.find(({ param }) => param === 'size')?.message ?? null);
}

export function isAllowedSize(size: string, mode: SizeMode): boolean {
  return problemOfSize(size, mode) === null;
}

/** The tiers that this mode allows. */
export function tiersOf(mode: SizeMode): readonly SizePreset[] {
  return TIERS.filter((tier) => isAllowedSize(tier, mode));
}

/**
 * The size that is sent: what was chosen or, if another choice in the form forbids it, the next smaller of the same shape. The choice itself
 * stays, so that it counts again as soon as it is allowed. A size of one's own is never changed.
 */
export function effectiveSize(size: string, mode: SizeMode): string {
  const choice = choiceOf(size, mode.hasInputs);
  const allowed = tiersOf(mode);
  if (choice === null || allowed.includes(choice.tier)) return size;
  const tier = allowed.at(-1);
  return tier === undefined ? size : sizeOf({ tier, shape: choice.shape }, mode.hasInputs);
}

/**
 * The largest size of exactly this ratio whose area is at most that of the preset, with sides that are multiples of eight: encoders of
 * images and of videos work in blocks of eight pixels.
 */
function pixelsOf(
  tier: SizePreset,
  shape: Exclude<Shape, 'input'>,
): { readonly width: number; readonly height: number } {
  const [across = 1, down = 1] = reduced(shape);
  const unit = Math.floor(SIZE_PRESETS[tier] / Math.sqrt(across * down) / 8) * 8;
  return { width: across * unit, height: down * unit };
}

/** 21:9 is 7:3. */
function reduced(shape: string): readonly number[] {
  const sides = shape.split(':').map(Number);
  const divisor = sides.every((side) => side % 3 === 0) ? 3 : 1;
  return sides.map((side) => side / divisor);
}
