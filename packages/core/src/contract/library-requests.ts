import * as z from 'zod/mini';
import { NO_TEXT } from './client-reference.ts';
import { describeValue } from './describe-value.ts';
import { must, onlyKnown } from './field-messages.ts';
import { FILTER_NAMES, parseGenerationFilter, type GenerationFilter } from './generation-filter.ts';
import { GENERATION_IDS, idList, IMAGE_IDS } from './id-list.ts';
import { MAX_NOTE_CHARACTERS, MAX_TAG_CHARACTERS, MAX_TAGS, tagForm } from './library-limits.ts';
import type { UpdateGenerationRequest, UpdateImageRequest } from './library-types.ts';
import { parseWith, type Parsed } from './parsed.ts';
import type { Problem } from './problem.ts';
import { searchWords } from './search-query.ts';

const tagRule = `a tag must be a text of 1 to ${MAX_TAG_CHARACTERS} characters`;

const tag = /* @__PURE__ */ (() =>
  z.pipe(
    z.pipe(z.string(must(tagRule)), z.transform(tagForm)),
    z.string().check(
      z.refine((text) => text !== '' && Array.from(text).length <= MAX_TAG_CHARACTERS && !NO_TEXT.test(text), {
        error: ({ input }) =>
          `${tagRule} without NUL or half of a surrogate pair, got ${describeValue(input)}: shorten it.`,
      }),
    ),
  ))();

/** A list of tags, in the form in which they are kept. */
export const tags = (name: string) =>
  z
    .array(tag, must(`${name} must be a list of at most ${MAX_TAGS} tags`))
    .check(z.maxLength(MAX_TAGS, { error: `${name} has more than ${MAX_TAGS} tags: send fewer.` }));

const note = /* @__PURE__ */ (() =>
  z.string(must(`note must be a text of at most ${MAX_NOTE_CHARACTERS} characters, or null`)).check(
    z.refine((text) => Array.from(text).length <= MAX_NOTE_CHARACTERS, {
      error: `note has more than ${MAX_NOTE_CHARACTERS} characters: shorten it.`,
    }),
    z.refine((text) => !NO_TEXT.test(text), {
      error: 'note contains a NUL character or half of a surrogate pair: send plain text.',
    }),
  ))();

/** A JSON merge patch of a generation: a field that is absent stays as it is, and null empties it. */
export const updateGenerationRequest = /* @__PURE__ */ (() =>
  z.strictObject(
    {
      /** All of its tags: up to 32. */
      tags: z.optional(z.nullable(tags('tags'))),
      note: z.optional(z.nullable(note)),
    },
    onlyKnown('The body', 'field', 'Known fields: tags, note.'),
  ))();

/** A JSON merge patch of an image. */
export const updateImageRequest = /* @__PURE__ */ (() =>
  z.strictObject(
    { favorite: z.optional(z.boolean(must('favorite must be true or false'))) },
    onlyKnown('The body', 'field', 'Known field: favorite.'),
  ))();

const BULK_FIELDS = [
  'ids',
  'image_ids',
  'filter',
  'all',
  'action',
  'add_tags',
  'remove_tags',
  'note',
  'favorite',
  'dry_run',
];

/** Changes many generations or images at once. */
export const bulkRequest = /* @__PURE__ */ (() =>
  z.strictObject(
    {
      ids: z.optional(idList('ids', GENERATION_IDS, 'send them in several requests, or use filter')),
      image_ids: z.optional(idList('image_ids', IMAGE_IDS, 'send them in several requests, or use filter')),
      /** The filter of a list as JSON. */
      filter: z.optional(z.looseObject({}, must('filter must be an object'))),
      /** Confirms an empty filter. */
      all: z.optional(z.literal(true, must('all can only be true: omit it with a filter that is not empty'))),
      action: z.enum(['delete', 'restore', 'purge', 'update'], must('action must be delete, restore, purge or update')),
      add_tags: z.optional(tags('add_tags')),
      remove_tags: z.optional(tags('remove_tags')),
      note: z.optional(z.nullable(note)),
      favorite: z.optional(z.boolean(must('favorite must be true or false'))),
      /** Only counts what would be changed. */
      dry_run: z._default(z.boolean(must('dry_run must be true or false')), false),
    },
    onlyKnown('The body', 'field', `Known fields: ${BULK_FIELDS.join(', ')}.`),
  ))();

/** What a bulk change does to each generation or image. */
export type BulkAction =
  | { readonly action: 'delete' }
  | { readonly action: 'restore' }
  | { readonly action: 'purge' }
  | {
      readonly action: 'update';
      readonly add_tags?: readonly string[] | undefined;
      readonly remove_tags?: readonly string[] | undefined;
      readonly note?: string | null | undefined;
      readonly favorite?: boolean | undefined;
    };

/** What a bulk change is about. */
export type BulkTarget =
  | { readonly ids: readonly string[] }
  | { readonly image_ids: readonly string[] }
  | { readonly filter: GenerationFilter };

/** A bulk change that was parsed. */
export interface BulkRequest {
  /** What it is about. */
  readonly target: BulkTarget;
  /** What it does to each. */
  readonly change: BulkAction;
  /** Whether it only counts. */
  readonly dryRun: boolean;
}

/** Parses the body of `POST /v1/generations/bulk`. */
export function parseBulk(input: unknown): Parsed<BulkRequest> {
  const parsed = parseWith(bulkRequest, input);
  if (!parsed.ok) return parsed;
  const { ids, image_ids, filter, all, action, add_tags, remove_tags, note: text, favorite, dry_run } = parsed.value;
  const targets = Object.entries({ ids, image_ids, filter }).filter(([, value]) => value !== undefined);
  if (targets.length !== 1) return refused(null, 'Give exactly one of ids, image_ids and filter.');
  const updates = Object.entries({ add_tags, remove_tags, note: text, favorite }).filter(
    ([, value]) => value !== undefined,
  );
  const names = updates.map(([name]) => name);
  const [first] = names;
  if (action !== 'update' && first !== undefined)
    return refused(first, `${first} belongs to the action update: omit it, or set action to "update".`);
  if (action === 'update' && first === undefined)
    return refused('action', 'The action update needs add_tags, remove_tags, note or favorite.');
  const ofImages = image_ids !== undefined;
  const misplaced = names.find((name) => (name === 'favorite') !== ofImages);
  if (misplaced !== undefined)
    return refused(
      misplaced,
      ofImages
        ? `${misplaced} belongs to generations: give ids or filter in place of image_ids.`
        : 'favorite belongs to images: give image_ids.',
    );
  const change: BulkAction = action === 'update' ? { action, add_tags, remove_tags, note: text, favorite } : { action };
  if (ids !== undefined) return accepted({ ids: [...new Set(ids)] }, change, dry_run);
  if (image_ids !== undefined) return accepted({ image_ids: [...new Set(image_ids)] }, change, dry_run);
  const selected = parseGenerationFilter(filter);
  if (!selected.ok)
    return {
      ok: false,
      problems: selected.problems.map(({ param, message }) => ({ param: `filter.${param ?? ''}`, message })),
    };
  if (selectsEverything(selected.value) && all !== true)
    return refused(
      'all',
      `filter selects everything: set all to true to confirm, or give one of ${FILTER_NAMES.join(', ')}.`,
    );
  return accepted({ filter: selected.value }, change, dry_run);
}

/** Also a search whose words are all ignored does, and no pair of `metadata`: what was meant as a filter must not change everything. */
function selectsEverything({ q, metadata, ...others }: GenerationFilter): boolean {
  return (
    Object.values(others).every((value) => value === undefined) &&
    searchWords(q ?? '').length === 0 &&
    Object.keys(metadata ?? {}).length === 0
  );
}

function accepted(target: BulkTarget, change: BulkAction, dryRun: boolean): Parsed<BulkRequest> {
  return { ok: true, value: { target, change, dryRun } };
}

function refused(param: string | null, message: string): { readonly ok: false; readonly problems: readonly Problem[] } {
  return { ok: false, problems: [{ param, message }] };
}

/** Parses the body of `PATCH /v1/generations/{id}`. */
export function parseUpdateGeneration(input: unknown): Parsed<UpdateGenerationRequest> {
  return parseWith(updateGenerationRequest, input);
}

/** Parses the body of `PATCH /v1/images/{image_id}`. */
export function parseUpdateImage(input: unknown): Parsed<UpdateImageRequest> {
  return parseWith(updateImageRequest, input);
}

const purgeQuery = /* @__PURE__ */ (() =>
  z.strictObject(
    {
      purge: z._default(
        z.pipe(
          z.enum(['true', 'false'], must('purge must be true or false')),
          z.transform((text) => text === 'true'),
        ),
        false,
      ),
    },
    onlyKnown('The query', 'query parameter', 'Known parameter: purge.'),
  ))();

const noQuery = /* @__PURE__ */ (() =>
  z.strictObject({}, onlyKnown('The query', 'query parameter', 'There are no parameters: remove it.')))();

/** Parses the query of a route that has no parameters. */
export function parseNoQuery(input: unknown): Parsed<object> {
  return parseWith(noQuery, input);
}

/** Parses the query of a DELETE: `purge`, whether to delete for good instead of into the bin. */
export function parsePurgeQuery(input: unknown): Parsed<{ readonly purge: boolean }> {
  return parseWith(purgeQuery, input);
}

/** The result of a bulk change of ids. */
export const bulkResult = z.object({
  object: z.literal('bulk_result'),
  /** How many of them exist in the project. */
  matched: z.int(),
  /** How many were changed: the others were so already, are still in flight, or would have too many tags. */
  changed: z.int(),
});
