import { DEFAULT_SIZE, isAllowedRatio, MIN_TEXT_TO_IMAGE_PIXELS, readCustomSize } from '@wan-image/core';
import type { Adaptation } from '../../ledger/generation.entity.ts';

/** How to adapt requests that were written for other models; each setting is optional. */
export interface Dialect {
  readonly modelAliases: ReadonlyMap<string, string>;
  readonly openaiDialect: boolean;
}

/** A body that uses the contract's values, and the changes made to it. */
export interface AdaptedBody {
  readonly body: unknown;
  readonly adapted: readonly Adaptation[];
}

/** OpenAI's image models, which respond in base64 unless a URL is asked for. */
const OPENAI_MODEL = /^(?:(?:chat)?gpt-image|dall-e)-/;

/** Compensates for the rounding of a square root, which would turn 768 into 769. */
const ROUNDING = 1e-6;

/** Replaces model aliases and the values of OpenAI clients with the contract's values. Validation comes later. */
export function adapt(body: unknown, { modelAliases, openaiDialect }: Dialect): AdaptedBody {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return { body, adapted: [] };
  const fields = new Map<string, unknown>(Object.entries(body));
  const adapted: Adaptation[] = [];
  const use = (param: string, used: string): void => {
    const value = fields.get(param);
    adapted.push({ param, given: typeof value === 'string' ? value : null, used });
    fields.set(param, used);
  };
  const model = fields.get('model');
  const alias = typeof model === 'string' ? modelAliases.get(model) : undefined;
  if (alias !== undefined) use('model', alias);
  const size = openaiDialect ? sizeOf(fields) : null;
  if (size !== null) use('size', size);
  // Clients of these models expect base64, and cannot read a URL that they did not ask for.
  const expectsBase64 = openaiDialect || (alias !== undefined && OPENAI_MODEL.test(String(model)));
  if (expectsBase64 && (fields.get('response_format') ?? null) === null) use('response_format', 'b64_json');
  return { body: Object.fromEntries(fields), adapted };
}

function sizeOf(fields: ReadonlyMap<string, unknown>): string | null {
  const size = fields.get('size');
  if (size === 'auto') return DEFAULT_SIZE;
  const isTextToImage = (fields.get('image') ?? null) === null && fields.get('enable_sequential') !== true;
  return typeof size === 'string' && isTextToImage ? scaledUp(size) : null;
}

/** For a size that is too small, the smallest allowed size with the same ratio; null for any other size. */
function scaledUp(size: string): string | null {
  const custom = readCustomSize(size);
  if (custom === null || !isAllowedRatio(custom.width, custom.height)) return null;
  const pixels = custom.width * custom.height;
  if (pixels >= MIN_TEXT_TO_IMAGE_PIXELS) return null;
  const factor = Math.sqrt(MIN_TEXT_TO_IMAGE_PIXELS / pixels);
  return [custom.width, custom.height].map((side) => Math.ceil(side * factor - ROUNDING)).join('x');
}

/**
 * What the operator can do about a value of OpenAI's API that the contract refuses: `param` is the parameter at fault. Null if no setting
 * helps.
 */
export function dialectHint(param: string | null, body: unknown, { openaiDialect }: Dialect): string | null {
  if (typeof body !== 'object' || body === null) return null;
  const { model, size } = body as { readonly model?: unknown; readonly size?: unknown };
  if (param === 'model' && typeof model === 'string') {
    const name = /^[\w.-]{1,60}$/.test(model) ? model : 'gpt-image-1';
    return `The operator of this service can map other names to these models, such as MODEL_ALIASES=${name}=wan2.7-image.`;
  }
  const isOpenaiSize = size === 'auto' || (typeof size === 'string' && scaledUp(size) !== null);
  if (param !== 'size' || openaiDialect || !isOpenaiSize) return null;
  return `The operator of this service can set OPENAI_DIALECT=true, with which "auto" is ${DEFAULT_SIZE} and a size that is too small for text-to-image is scaled up.`;
}
