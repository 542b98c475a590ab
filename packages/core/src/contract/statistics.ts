import * as z from 'zod/mini';
import { must, onlyKnown } from './field-messages.ts';
import { invalid, parseWith, type Parsed } from './parsed.ts';
import { readTime, TIME_RULE } from './time.ts';
import { UUID } from './uuid.ts';

/** What the figures may be grouped by. */
export const STATISTICS_GROUPS = ['hour', 'day', 'model', 'source', 'api_key', 'project'] as const;

/** One of {@link STATISTICS_GROUPS}. */
export type StatisticsGroup = (typeof STATISTICS_GROUPS)[number];

/** Days that the figures cover without `from`. */
export const DEFAULT_STATISTICS_DAYS = 30;

const DAY_MS = 86_400_000;

const count = z.int();

const statisticsRow = z.object({
  hour: z.optional(z.string()),
  day: z.optional(z.string()),
  model: z.optional(z.string()),
  source: z.optional(z.string()),
  api_key: z.optional(z.nullable(z.string())),
  project: z.optional(z.string()),
  simulated: z.boolean(),
  generations: z.object({ succeeded: count, failed: count, canceled: count }),
  unknown: count,
  failures: z.record(z.string(), count),
  images: count,
  cost: z.record(z.string(), z.string()),
  latency: z.nullable(z.object({ p50_ms: count, p95_ms: count })),
  stored_bytes: count,
  deleted_bytes: count,
});

/** The schema of {@link Statistics}. */
export const statistics = z.object({
  object: z.literal('stats'),
  from: z.string(),
  to: z.string(),
  complete: z.boolean(),
  data: z.array(statisticsRow),
});

/** The schema of a {@link Timeline}. */
export const timeline = z.object({
  object: z.literal('timeline'),
  complete: z.boolean(),
  data: z.array(z.object({ day: z.string(), images: count })),
});

/** Figures of the generations that were created in a time, of one group. */
export interface StatisticsRow {
  /** With `group_by=hour`: its start, RFC 3339 in UTC. */
  hour?: string | undefined;
  /** With `group_by=day`: the day in the time zone of the request, such as `2026-11-27`. */
  day?: string | undefined;
  /** With `group_by=model`. */
  model?: string | undefined;
  /** With `group_by=source`: one of the 50 most used, or `other`. */
  source?: string | undefined;
  /** With `group_by=api_key`: its id; null for the admin key and for a service without keys. */
  api_key?: string | null | undefined;
  /** With `group_by=project`: its id. */
  project?: string | undefined;
  /** Whether the embedded simulator made them: each group has a row of its own for those. They cost nothing. */
  simulated: boolean;
  /** How many have ended, and how. */
  generations: { succeeded: number; failed: number; canceled: number };
  /** How many of them it is unknown of whether they were billed, until that is settled. */
  unknown: number;
  /** How many of those that failed have which error code. */
  failures: Record<string, number>;
  /** Images received. */
  images: number;
  /** Decimal amounts by currency, such as `{"CNY": "12.40"}`, at the prices of the time; with the most that an unknown one may have cost. */
  cost: Record<string, string>;
  /** From sending to the end, of those that succeeded: each figure is within 5 % of the exact one. Null without any. */
  latency: { p50_ms: number; p95_ms: number } | null;
  /** Bytes of the files of those images, those included that were deleted since. A file that two images share counts twice. */
  stored_bytes: number;
  /** How many of these bytes were deleted for good. */
  deleted_bytes: number;
}

/** Figures that deleting and retention do not change: the body of `GET /v1/stats`. */
export interface Statistics {
  /** Always `stats`. */
  object: 'stats';
  /** Start of the time in which the generations were created, RFC 3339 in UTC; inclusive. */
  from: string;
  /** Its end; exclusive. */
  to: string;
  /** Whether everything is counted: what an older version of the service recorded is counted in the background. */
  complete: boolean;
  /** One row a group, ascending; groups without generations have none. */
  data: StatisticsRow[];
}

/** How many images each day has that are not in the bin: the body of `GET /v1/images/timeline`. */
export interface Timeline {
  /** Always `timeline`. */
  object: 'timeline';
  /** As in {@link Statistics}. */
  complete: boolean;
  /** Newest first; days without images are absent. */
  data: { day: string; images: number }[];
}

/** Which figures, and how they are grouped. */
export interface StatisticsQuery {
  /** In milliseconds since 1970, at the start of an hour; inclusive. */
  readonly from: number;
  /** As `from`; exclusive. */
  readonly to: number;
  /** What each row is about, in the order of {@link STATISTICS_GROUPS}. */
  readonly groups: readonly StatisticsGroup[];
  /** IANA name of the time zone of days. */
  readonly tz: string;
  /** Only these; absent: all. */
  readonly models: readonly string[] | undefined;
  /** Only these; absent: all. */
  readonly sources: readonly string[] | undefined;
  /** Only these ids; absent: all. */
  readonly apiKeys: readonly string[] | undefined;
  /** Only what the embedded simulator made, or only what it did not; absent: both. */
  readonly simulated: boolean | undefined;
}

const HOUR_MS = 3_600_000;

const tzRule = must('tz must be the IANA name of a time zone, such as Asia/Shanghai');
const tz = z._default(z.string(tzRule).check(z.regex(/^[A-Za-z][\w+/-]{0,63}$/, tzRule)), 'UTC');

const time = (name: string) =>
  z.optional(
    z
      .string(must(`${name} must be ${TIME_RULE}`))
      .check(z.refine((value) => readTime(value) !== null, must(`${name} must be ${TIME_RULE}`))),
  );

const groupRule = {
  error: `group_by must be one or more of ${STATISTICS_GROUPS.join(', ')}, separated by commas or repeated.`,
};
const texts = (name: string, check: RegExp) => {
  const rule = { error: `${name} takes 1 to 100 values: repeat it for several.` };
  return z.optional(
    z
      .array(z.string(rule).check(z.regex(check, { error: `${name} has a value that is none of its kind.` })), rule)
      .check(z.minLength(1, rule), z.maxLength(100, rule)),
  );
};

const statisticsQuery = /* @__PURE__ */ (() =>
  z.strictObject(
    {
      from: time('from'),
      to: time('to'),
      group_by: z._default(z.array(z.enum(STATISTICS_GROUPS, groupRule), groupRule), []),
      tz,
      model: texts('model', /^.{1,512}$/su),
      source: texts('source', /^.{1,512}$/su),
      api_key: texts('api_key', UUID),
      simulated: z.optional(
        z.pipe(
          z.enum(['true', 'false'], must('simulated must be true or false')),
          z.transform((text) => text === 'true'),
        ),
      ),
    },
    onlyKnown(
      'The query',
      'query parameter',
      'Statistics are made of hourly sums, which know these alone: from, to, group_by, tz, model, source, api_key, simulated.',
    ),
  ))();

const timelineQuery = /* @__PURE__ */ (() =>
  z.strictObject(
    { tz },
    onlyKnown('The query', 'query parameter', 'The timeline has no filter. Known parameters: tz.'),
  ))();

type Query = Readonly<Record<string, unknown>>;

/** Parses the query of `GET /v1/images/timeline`: `tz`, the IANA name of a time zone (default UTC). */
export function parseTimelineQuery(input: Query): Parsed<{ readonly tz: string }> {
  return parseWith(timelineQuery, input);
}

/**
 * Parses the query of `GET /v1/stats`. `from` and `to` (default: the 30 days until now) are widened to whole hours, which the figures are
 * made of.
 */
export function parseStatisticsQuery(input: Query, now: number = Date.now()): Parsed<StatisticsQuery> {
  const { group_by: groups, ...rest } = input;
  const named =
    groups === undefined
      ? undefined
      : [groups].flat().flatMap((text: unknown) => (typeof text === 'string' ? text.split(',') : [text]));
  const lists = Object.fromEntries(
    ['model', 'source', 'api_key'].flatMap((name) => (name in rest ? [[name, [rest[name]].flat()]] : [])),
  );
  const parsed = parseWith(statisticsQuery, { ...rest, ...lists, ...(named && { group_by: named }) });
  // A parameter that is not repeated has no index.
  if (!parsed.ok)
    return {
      ok: false,
      problems: parsed.problems.map(({ param, message }) => ({
        param: param?.replace(/\[\d+\]$/, '') ?? null,
        message,
      })),
    };
  const { value } = parsed;
  const to = value.to === undefined ? now : (readTime(value.to) ?? now);
  const end = Math.ceil(to / HOUR_MS) * HOUR_MS;
  const from = value.from === undefined ? to - DEFAULT_STATISTICS_DAYS * DAY_MS : (readTime(value.from) ?? 0);
  if (from >= to) return invalid('from', 'from must be before to.');
  return {
    ok: true,
    value: {
      from: Math.floor(from / HOUR_MS) * HOUR_MS,
      to: end,
      groups: STATISTICS_GROUPS.filter((group) => value.group_by.includes(group)),
      tz: value.tz,
      models: value.model,
      sources: value.source,
      apiKeys: value.api_key?.map((id) => id.toLowerCase()),
      simulated: value.simulated,
    },
  };
}
