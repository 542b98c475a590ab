import * as z from 'zod/mini';
import { unknownFields } from './access-requests.ts';
import { must, onlyKnown } from './field-messages.ts';
import { tags } from './library-requests.ts';
import { parseWith, type Parsed } from './parsed.ts';
import type { RetentionPolicy } from './retention-types.ts';

/** A hundred years. */
const MAX_RETENTION_DAYS = 36_500;

/** The most that `records.max_count` can be. */
const MAX_RETENTION_COUNT = 1_000_000_000;

/** Records of less than two days may still be needed by a retry: an idempotency key holds for one. */
const MIN_RECORD_DAYS = 2;

const limit = (name: string, unit: string, least: number, most: number) => {
  const rule = must(`${name} must be a whole number of ${unit} from ${least} to ${most}, or null to keep everything`);
  return z._default(z.nullable(z.int(rule).check(z.minimum(least, rule), z.maximum(most, rule))), null);
};

const inner = (whole: string, ...known: readonly string[]) =>
  onlyKnown(whole, `field of ${whole}`, `Known fields: ${known.join(', ')}.`);

const days = (name: string, least = 1) => limit(name, 'days', least, MAX_RETENTION_DAYS);

/** The policy as a whole: what is absent is null or has its default. */
export const retentionRequest = /* @__PURE__ */ (() =>
  z.strictObject(
    {
      images: z.prefault(
        z.strictObject(
          {
            max_age_days: days('images.max_age_days'),
            max_bytes: limit('images.max_bytes', 'bytes', 1, Number.MAX_SAFE_INTEGER),
          },
          inner('images', 'max_age_days', 'max_bytes'),
        ),
        {},
      ),
      inputs: z.prefault(
        z.strictObject({ max_age_days: days('inputs.max_age_days') }, inner('inputs', 'max_age_days')),
        {},
      ),
      records: z.prefault(
        z.strictObject(
          {
            max_age_days: days('records.max_age_days', MIN_RECORD_DAYS),
            max_count: limit('records.max_count', 'generations', 1, MAX_RETENTION_COUNT),
          },
          inner('records', 'max_age_days', 'max_count'),
        ),
        {},
      ),
      bin_days: days('bin_days'),
      keep_favorites: z._default(z.boolean(must('keep_favorites must be true or false')), true),
      keep_tags: z._default(tags('keep_tags'), []),
    },
    unknownFields('images', 'inputs', 'records', 'bin_days', 'keep_favorites', 'keep_tags'),
  ))();

/** Parses the body of `PUT /v1/retention`. */
export function parseRetention(input: unknown): Parsed<RetentionPolicy> {
  const parsed = parseWith(retentionRequest, input);
  if (!parsed.ok) return parsed;
  return { ok: true, value: { ...parsed.value, keep_tags: [...new Set(parsed.value.keep_tags)] } };
}

/** Parses the body of `POST /v1/retention/preview`: null, for the stored policy, if it is absent or empty. */
export function parseRetentionPreview(input: unknown): Parsed<RetentionPolicy | null> {
  const isEmpty = input === undefined || (isObject(input) && Object.keys(input).length === 0);
  return isEmpty ? { ok: true, value: null } : parseRetention(input);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
