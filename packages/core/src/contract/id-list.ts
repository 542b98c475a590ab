import * as z from 'zod/mini';
import { must } from './field-messages.ts';
import { MAX_FILTER_IDS } from './generation-filter.ts';
import { UUID } from './uuid.ts';

/** What a list of ids has. */
interface IdKind {
  readonly pattern: RegExp;
  readonly what: string;
}

export const GENERATION_IDS: IdKind = { pattern: UUID, what: 'ids of generations' };

/** Of outputs: an input belongs to its generation. */
export const IMAGE_IDS: IdKind = {
  pattern: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}-(?:0|[1-9]\d?)$/i,
  what: 'ids of images',
};

/** 1 to 1,000 ids. `remedy`: what to do with more. */
export const idList = (name: string, { pattern, what }: IdKind, remedy: string) =>
  z
    .array(
      z
        .string(must(`${name} must be ${what}`))
        .check(z.regex(pattern, must(`${name} must be ${what}`)), z.toLowerCase()),
      must(`${name} must be a list of ${what}`),
    )
    .check(
      z.minLength(1, { error: `${name} is empty: give 1 to ${MAX_FILTER_IDS} ids.` }),
      z.maxLength(MAX_FILTER_IDS, { error: `${name} has more than ${MAX_FILTER_IDS} ids: ${remedy}.` }),
    );
