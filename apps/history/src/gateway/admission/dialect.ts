import { DEFAULT_SIZE, isAllowedRatio, MIN_TEXT_TO_IMAGE_PIXELS, readCustomSize } from '@wan-image/core';
import type { Adaptation } from '../../ledger/generation.entity.ts';

/** How requests are meant that were not written for this model; each of it only where it is set. */
export interface Dialect {
  readonly modelAliases: ReadonlyMap<string, string>;
  readonly openaiDialect: boolean;
}

/** A body as the contract has it, and what of it was changed. */
export interface AdaptedBody {
  readonly body: unknown;
  readonly adapted: readonly Adaptation[];
}

/** For injection. */
export const DIALECT = Symbol('DIALECT');

/** Against the rounding of a square root, which would make 768 into 769. */
const ROUNDING = 1e-6;

/** Takes a body as its writer means it. What is wrong with it is left for the contract to refuse. */
export function adapt(body: unknown, { modelAliases, openaiDialect }: Dialect): AdaptedBody {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return { body, adapted: [] };
  const given = new Map<string, unknown>(Object.entries(body));
  const adapted: Adaptation[] = [];
  const use = (param: string, used: string): void => {
    const value = given.get(param);
    adapted.push({ param, given: typeof value === 'string' ? value : null, used });
    given.set(param, used);
  };
  const model = given.get('model');
  const meant = typeof model === 'string' ? modelAliases.get(model) : undefined;
  if (meant !== undefined) use('model', meant);
  if (openaiDialect) {
    const size = sizeMeant(given);
    if (size !== null) use('size', size);
    if ((given.get('response_format') ?? null) === null) use('response_format', 'b64_json');
  }
  return { body: Object.fromEntries(given), adapted };
}

function sizeMeant(given: ReadonlyMap<string, unknown>): string | null {
  const size = given.get('size');
  if (size === 'auto') return DEFAULT_SIZE;
  const isTextToImage = (given.get('image') ?? null) === null && given.get('enable_sequential') !== true;
  return typeof size === 'string' && isTextToImage ? scaledUp(size) : null;
}

/** The smallest size that is allowed in the ratio of one that is too small; null for any other. */
function scaledUp(size: string): string | null {
  const custom = readCustomSize(size);
  if (custom === null || !isAllowedRatio(custom.width, custom.height)) return null;
  const pixels = custom.width * custom.height;
  if (pixels >= MIN_TEXT_TO_IMAGE_PIXELS) return null;
  const factor = Math.sqrt(MIN_TEXT_TO_IMAGE_PIXELS / pixels);
  return [custom.width, custom.height].map((side) => Math.ceil(side * factor - ROUNDING)).join('x');
}

/** What was changed, for the reply's `warning`; null where nothing was. Aliases and sizes are ASCII without quotes. */
export function warningOf(adapted: readonly Adaptation[]): string | null {
  if (adapted.length === 0) return null;
  const changes = adapted.map(({ param, given, used }) => `${param} ${given ?? '(not given)'} taken as ${used}`);
  return `299 - "${changes.join('; ')}"`;
}
