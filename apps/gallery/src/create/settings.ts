import {
  DEFAULT_SIZE,
  MAX_IMAGES,
  MAX_IMAGES_IN_SET,
  MAX_SEED,
  MODELS,
  type GenerationParameters,
  type GenerationRecord,
  type ModelName,
} from '@wan-image/core';
import { randomNumber } from '../api/random-id.ts';
import { effectiveSize } from './sizes.ts';

/** What a person chooses in the form, but input images. */
export interface Settings {
  readonly prompt: string;
  readonly model: ModelName;
  /** A preset or `{width}x{height}`, as a request has it. */
  readonly size: string;
  /** Number of images outside of a set. */
  readonly n: number;
  readonly isSet: boolean;
  /** The most images of a set. */
  readonly setSize: number;
  readonly isThinking: boolean;
  readonly hasWatermark: boolean;
  readonly seed: number;
  /** Whether the next generation has this seed too. Otherwise each has a new one. */
  readonly isSeedLocked: boolean;
}

/** An empty form. */
export function newSettings(): Settings {
  return {
    prompt: '',
    model: MODELS[0],
    size: DEFAULT_SIZE,
    n: 1,
    isSet: false,
    setSize: 4,
    isThinking: true,
    hasWatermark: false,
    seed: newSeed(),
    isSeedLocked: false,
  };
}

export function newSeed(): number {
  return randomNumber(MAX_SEED);
}

/** Whether reasoning has an effect: elsewhere the upstream ignores it. */
export function mayThink({ isSet }: Pick<Settings, 'isSet'>, hasInputs: boolean): boolean {
  return !isSet && !hasInputs;
}

/** How many images a request asks for, at most. */
export function imagesOf({ isSet, n, setSize }: Pick<Settings, 'isSet' | 'n' | 'setSize'>): number {
  return isSet ? setSize : n;
}

/** The parameters of a request with these settings. The seed is always sent, so that every image can be generated again. */
export function parametersOf(settings: Settings, hasInputs: boolean): GenerationParameters {
  return {
    model: settings.model,
    prompt: settings.prompt,
    n: imagesOf(settings),
    size: effectiveSize(settings.size, { ...settings, hasInputs }),
    enable_sequential: settings.isSet,
    ...(mayThink(settings, hasInputs) && { thinking_mode: settings.isThinking }),
    watermark: settings.hasWatermark,
    seed: settings.seed,
  };
}

/** The settings of an earlier generation. One without a seed gets a new one. */
export function settingsOf({
  model,
  prompt,
  request,
}: Pick<GenerationRecord, 'model' | 'prompt' | 'request'>): Settings {
  const { size, n, enable_sequential, thinking_mode, watermark, seed } = request;
  const isSet = enable_sequential === true;
  const count = typeof n === 'number' ? n : 1;
  return {
    prompt,
    model,
    size: typeof size === 'string' ? size : DEFAULT_SIZE,
    n: isSet ? 1 : Math.min(count, MAX_IMAGES),
    isSet,
    setSize: isSet ? Math.min(count, MAX_IMAGES_IN_SET) : 4,
    isThinking: thinking_mode !== false,
    hasWatermark: watermark === true,
    seed: typeof seed === 'number' ? seed : newSeed(),
    isSeedLocked: typeof seed === 'number',
  };
}

/** What of the settings is shown in a comparison. */
const COMPARED = ['prompt', 'model', 'size', 'count', 'isSet', 'isThinking', 'hasWatermark', 'seed'] as const;

type Compared = (typeof COMPARED)[number];

export interface Difference {
  readonly name: Compared;
  readonly before: string | number | boolean;
  readonly after: string | number | boolean;
}

/** What would change. A seed that the form chose by itself is no difference: nobody typed it. */
export function differencesOf(before: Settings, after: Settings): readonly Difference[] {
  return COMPARED.map((name) => ({ name, before: valueOf(before, name), after: valueOf(after, name) })).filter(
    (difference) => difference.before !== difference.after && !(difference.name === 'seed' && !after.isSeedLocked),
  );
}

function valueOf(settings: Settings, name: Compared): string | number | boolean {
  return name === 'count' ? imagesOf(settings) : settings[name];
}
