import * as z from 'zod/mini';
import { describeValue } from './describe-value.ts';
import { NO_TEXT, referenceProblems } from './client-reference.ts';
import { must, onlyKnown } from './field-messages.ts';
import { GENERATION_OUTCOMES, GENERATION_STATES } from './generation-record.ts';
import { MAX_SEED } from './limits.ts';
import type { Parsed } from './parsed.ts';
import { problemsOf, type Problem } from './problem.ts';
import { MAX_TAG_CHARACTERS, tagForm } from './library-limits.ts';
import { searchProblem } from './search-query.ts';
import { isSizePreset, readCustomSize } from './size-rules.ts';
import { readTime, TIME_RULE } from './time.ts';
import { UUID } from './uuid.ts';

/** Maximum number of values of one parameter of a filter; `id` may have {@link MAX_FILTER_IDS}. */
const MAX_FILTER_VALUES = 100;
/** Maximum number of ids of a filter or of a bulk change. */
export const MAX_FILTER_IDS = 1_000;

/** Code points of a value without a format of its own. */
const MAX_VALUE_CHARACTERS = 512;

const SHA256 = /^[0-9a-f]{64}$/;

/** Selects generations. A list, the images, bulk changes and exports take the same filter. All parts of it have to match. */
export interface GenerationFilter {
  /**
   * Words to find: each stands in the prompt, a revised prompt, the note or a tag. Split at white space; `"two words"` are one. At most
   * 200 characters and 10 words.
   */
  readonly q?: string | undefined;
  /** One of these. */
  readonly state?: readonly (typeof GENERATION_STATES)[number][] | undefined;
  /** One of these. */
  readonly outcome?: readonly (typeof GENERATION_OUTCOMES)[number][] | undefined;
  /** One of these. */
  readonly model?: readonly string[] | undefined;
  /** One of these: `size` of the request, such as `2K` or `1024x768`. A request that names none has `2K`. */
  readonly size?: readonly string[] | undefined;
  /** One of these: the client, as `source` of the record has it. */
  readonly source?: readonly string[] | undefined;
  /** One of these: ids of API keys. */
  readonly api_key?: readonly string[] | undefined;
  /** All of these. */
  readonly tag?: readonly string[] | undefined;
  /** At least one of its images is a favorite. */
  readonly favorite?: true | undefined;
  /** RFC 3339, or a date, which is its first moment in UTC. Inclusive. */
  readonly created_after?: string | undefined;
  /** As `created_after`. Exclusive. */
  readonly created_before?: string | undefined;
  /** Whether its request had images. */
  readonly has_input_image?: boolean | undefined;
  /** Made from this generation: by a rerun of it, or with one of its images as input. */
  readonly derived_from?: string | undefined;
  /** As it was sent. */
  readonly seed?: number | undefined;
  /** One of these: at most 1,000. */
  readonly id?: readonly string[] | undefined;
  /** The `user` of the request. */
  readonly user?: string | undefined;
  /** All of these pairs stand in the `metadata` of the request; it may have more. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Whether the embedded simulator made it. */
  readonly simulated?: boolean | undefined;
  /** One of its images, made or given, has these bytes: SHA-256 in hexadecimal. */
  readonly image_sha256?: string | undefined;
  /** What is in the bin, and nothing else. */
  readonly deleted?: true | undefined;
}

/** The parts of a filter, in the order in which errors list them. */
export const FILTER_NAMES = [
  'q',
  'state',
  'outcome',
  'model',
  'size',
  'source',
  'api_key',
  'tag',
  'favorite',
  'created_after',
  'created_before',
  'has_input_image',
  'derived_from',
  'seed',
  'id',
  'user',
  'metadata',
  'simulated',
  'image_sha256',
  'deleted',
] as const satisfies readonly (keyof GenerationFilter)[];

const several = <T extends z.ZodMiniType>(name: string, item: T, most = MAX_FILTER_VALUES) => {
  const rule = { error: `${name} takes 1 to ${most} values: send fewer.` };
  return z.optional(
    z.array(item, must(`${name} must be a list of values`)).check(z.minLength(1, rule), z.maxLength(most, rule)),
  );
};

const textRule = (name: string) => must(`${name} must be a text of 1 to ${MAX_VALUE_CHARACTERS} characters`);
const text = (name: string, most = MAX_VALUE_CHARACTERS) =>
  z.string(textRule(name)).check(
    z.refine((value) => value !== '' && Array.from(value).length <= most && !NO_TEXT.test(value), {
      error: ({ input }) =>
        `${name} must be a text of 1 to ${most} characters without NUL or half of a surrogate pair, got ${describeValue(input)}.`,
    }),
  );
const sizeRule = must('size must be 1K, 2K, 4K, or {width}x{height} in pixels such as "1280x720"');
const uuid = (name: string) =>
  z.string(must(`${name} must be an id`)).check(z.regex(UUID, must(`${name} must be an id`)), z.toLowerCase());
const time = (name: string) =>
  z
    .string(must(`${name} must be ${TIME_RULE}`))
    .check(z.refine((value) => readTime(value) !== null, must(`${name} must be ${TIME_RULE}`)));
const only = (name: string) => z.optional(z.literal(true, must(`${name} can only be true: omit it for all others`)));
const flag = (name: string) => z.optional(z.boolean(must(`${name} must be true or false`)));

const filterFields = /* @__PURE__ */ (() => ({
  q: z.optional(z.string(must('q must be a text'))),
  state: several('state', z.enum(GENERATION_STATES, must(`state must be one of ${GENERATION_STATES.join(', ')}`))),
  outcome: several(
    'outcome',
    z.enum(GENERATION_OUTCOMES, must(`outcome must be one of ${GENERATION_OUTCOMES.join(', ')}`)),
  ),
  model: several('model', text('model')),
  size: several(
    'size',
    z.string(sizeRule).check(z.refine((value) => isSizePreset(value) || readCustomSize(value) !== null, sizeRule)),
  ),
  source: several('source', text('source')),
  api_key: several('api_key', uuid('api_key')),
  tag: several('tag', text('tag', MAX_TAG_CHARACTERS), 32),
  favorite: only('favorite'),
  created_after: z.optional(time('created_after')),
  created_before: z.optional(time('created_before')),
  has_input_image: flag('has_input_image'),
  derived_from: z.optional(uuid('derived_from')),
  seed: z.optional(
    z
      .int(must(`seed must be a whole number from 0 to ${MAX_SEED}`))
      .check(z.gte(0, must('seed must be at least 0')), z.lte(MAX_SEED, must(`seed must be at most ${MAX_SEED}`))),
  ),
  id: several('id', uuid('id'), MAX_FILTER_IDS),
  user: z.optional(z.string(must('user must be a text'))),
  metadata: z.optional(z.looseObject({}, must('metadata must be an object of strings'))),
  simulated: flag('simulated'),
  image_sha256: z.optional(
    z
      .string(must('image_sha256 must be 64 hexadecimal digits'))
      .check(z.toLowerCase(), z.regex(SHA256, must('image_sha256 must be 64 hexadecimal digits'))),
  ),
  deleted: only('deleted'),
}))();

/** The filter as JSON, as bulk changes take it: the names of the query, and lists for those that a query repeats. */
export const generationFilter = /* @__PURE__ */ (() =>
  z.strictObject(
    filterFields,
    onlyKnown('filter', 'parameter', `Known parameters of the filter: ${FILTER_NAMES.join(', ')}.`),
  ))();

/** Parses the JSON form of a filter. */
export function parseGenerationFilter(input: unknown): Parsed<GenerationFilter> {
  const parsed = generationFilter.safeParse(input);
  if (!parsed.success) return { ok: false, problems: problemsOf(parsed.error) };
  const { q, user, metadata, tag, ...others } = parsed.data;
  const wrongSearch = q === undefined ? null : searchProblem(q);
  const problems = [
    ...(wrongSearch === null ? [] : [{ param: 'q', message: wrongSearch }]),
    ...(user === '' ? [{ param: 'user', message: 'user is empty: give the user to find, or omit it.' }] : []),
    ...prototypeProblems(input),
    ...referenceProblems(user, metadata),
  ];
  if (problems.length > 0) return { ok: false, problems };
  // `referenceProblems` has checked that all values of `metadata` are strings.
  const pairs = metadata as GenerationFilter['metadata'];
  const value = { ...others, q, user, metadata: pairs, tag: tag?.map(tagForm) };
  return { ok: true, value: Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) };
}

/** The schema drops this key, as no object has it: without the pair, the filter would select more than was asked for. */
function prototypeProblems(input: unknown): readonly Problem[] {
  const { metadata } = input as { readonly metadata?: unknown };
  if (typeof metadata !== 'object' || metadata === null || !Object.hasOwn(metadata, '__proto__')) return [];
  const message = 'metadata.__proto__ cannot be searched for: remove this key.';
  return [{ param: 'metadata.__proto__', message }];
}

const LISTS = new Set<string>(['state', 'outcome', 'model', 'size', 'source', 'api_key', 'tag', 'id']);
const FLAGS = new Set<string>(['favorite', 'has_input_image', 'simulated', 'deleted']);

/** How a query names a pair of an object: `metadata[order]=4711`. */
const METADATA_PARAMETER = /^metadata\[(.+)\]$/s;

/** In characters. */
const MAX_NAME_LENGTH = 60;

type Query = Readonly<Record<string, unknown>>;

/** Parses the filter of a query, whose values are strings, or lists of strings where a parameter is repeated. */
export function parseFilterQuery(query: Query, others: readonly string[]): Parsed<GenerationFilter> {
  const filter: Record<string, unknown> = {};
  // Without a prototype, of which `__proto__` would be the name.
  const pairs = Object.create(null) as Record<string, unknown>;
  const unknown: Problem[] = [];
  for (const [name, value] of Object.entries(query)) {
    const key = METADATA_PARAMETER.exec(name)?.[1];
    if (key !== undefined) pairs[key] = value;
    // `metadata=` without a key is no parameter of a query.
    else if (name !== 'metadata' && (FILTER_NAMES as readonly string[]).includes(name))
      filter[name] = valueOf(name, value);
    else unknown.push(unknownParameter(name, others));
  }
  if (Object.keys(pairs).length > 0) filter['metadata'] = pairs;
  const parsed = parseGenerationFilter(filter);
  const problems = [...unknown.slice(0, 1), ...(parsed.ok ? [] : parsed.problems.map(withoutDots))];
  return problems.length > 0 || !parsed.ok ? { ok: false, problems } : parsed;
}

/** The value in its JSON form. What is no such value stays as it is, and the schema refuses it. */
function valueOf(name: string, value: unknown): unknown {
  if (LISTS.has(name)) return Array.isArray(value) ? value : [value];
  if (FLAGS.has(name)) return value === 'true' ? true : value === 'false' ? false : value;
  if (name === 'seed' && typeof value === 'string' && /^\d{1,16}$/.test(value)) return Number(value);
  return value;
}

function unknownParameter(name: string, others: readonly string[]): Problem {
  const short = name.slice(0, MAX_NAME_LENGTH);
  const known = [...others, ...FILTER_NAMES.map((filter) => (filter === 'metadata' ? 'metadata[key]' : filter))];
  return {
    param: short,
    message: `Unknown query parameter ${JSON.stringify(short)}. Known parameters: ${known.join(', ')}.`,
  };
}

/** Names a pair as a query does: `metadata[order]` in place of `metadata.order`. */
function withoutDots({ param, message }: Problem): Problem {
  const key = param?.startsWith('metadata.') ? param.slice('metadata.'.length) : null;
  if (key === null) return { param, message };
  const name = `metadata[${key}]`;
  return { param: name, message: message.replace(`metadata.${key}`, () => name) };
}
