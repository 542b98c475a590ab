import * as z from 'zod/mini';
import { referenceOf, referenceProblems, type ClientReference } from './client-reference.ts';
import { onlyKnown } from './field-messages.ts';
import { parseWith, type Parsed } from './parsed.ts';
import type { Problem } from './problem.ts';
import { UUID } from './uuid.ts';

/** Records of a page without `limit`. */
export const DEFAULT_PAGE_SIZE = 20;
/** Largest `limit` of a page. */
export const MAX_PAGE_SIZE = 100;

const limitRule = { error: `limit must be a whole number from 1 to ${MAX_PAGE_SIZE}.` };
const cursorRule = {
  error: 'Invalid cursor: pass the next_cursor of the previous page, or omit it.',
};

/**
 * The query of a list, such as `GET /v1/generations`. All values are strings, as they come in a URL.
 * Built in a function, so that a bundler can drop it: it cannot know that a chain of schema calls has no side effects.
 */
export const listQuery = /* @__PURE__ */ (() =>
  z.strictObject(
    {
      limit: z._default(
        z.pipe(
          z.string(limitRule).check(
            z.regex(/^[1-9]\d*$/, limitRule),
            z.refine((text) => Number(text) <= MAX_PAGE_SIZE, limitRule),
          ),
          z.transform(Number),
        ),
        DEFAULT_PAGE_SIZE,
      ),
      /** The id of the last record of the previous page; ids sort by time. */
      cursor: z.optional(z.string(cursorRule).check(z.regex(UUID, cursorRule), z.toLowerCase())),
    },
    onlyKnown('The query', 'query parameter', 'Known parameters: limit, cursor.'),
  ))();

/** The query of a list. */
export interface ListQuery {
  /** Records of one page: 1 to 100, default 20. */
  limit: number;
  /** The `next_cursor` of the previous page; absent for the first page. */
  cursor?: string | undefined;
}

/** Parses the query of a list: `limit` from 1 to 100 (default 20), `cursor` from the `next_cursor` of the previous page. */
export function parseListQuery(input: unknown): Parsed<ListQuery> {
  return parseWith(listQuery, input);
}

/** The query of `GET /v1/generations`: that of a list, and the client's own reference. Null where it does not matter. */
export interface GenerationListQuery extends ListQuery, ClientReference {}

/** How a query names a pair of an object: `metadata[order]=4711`. */
const METADATA_PARAMETER = /^metadata\[(.+)\]$/s;

/** In characters. */
const MAX_NAME_LENGTH = 60;

const KNOWN = 'Known parameters: limit, cursor, user, metadata[key].';

/** Parses the query of `GET /v1/generations`: that of a list, `user`, and `metadata[key]` for any number of keys, all of which have to match. */
export function parseGenerationListQuery(input: Readonly<Record<string, unknown>>): Parsed<GenerationListQuery> {
  const { limit, cursor, user, ...rest } = input;
  const pairs = Object.entries(rest).map(([name, value]) => [METADATA_PARAMETER.exec(name)?.[1], value] as const);
  const unknown = Object.keys(rest).filter((name) => !METADATA_PARAMETER.test(name));
  const metadata = Object.fromEntries(pairs.filter(([key]) => key !== undefined));
  const page = parseListQuery({ ...(limit !== undefined && { limit }), ...(cursor !== undefined && { cursor }) });
  const problems = [
    ...unknown.slice(0, 1).map((name) => unknownParameter(name)),
    ...(page.ok ? [] : page.problems),
    ...(user === '' ? [{ param: 'user', message: 'user is empty: give the user to list, or omit it.' }] : []),
    ...referenceProblems(user, metadata).map((problem) => withoutDots(problem)),
  ];
  if (!page.ok || problems.length > 0) return { ok: false, problems };
  return { ok: true, value: { ...page.value, ...referenceOf(user, metadata) } };
}

function unknownParameter(name: string): Problem {
  const short = name.slice(0, MAX_NAME_LENGTH);
  return { param: short, message: `Unknown query parameter ${JSON.stringify(short)}. ${KNOWN}` };
}

/** Names a pair as a query does: `metadata[order]` in place of `metadata.order`. */
function withoutDots({ param, message }: Problem): Problem {
  const key = param?.startsWith('metadata.') ? param.slice('metadata.'.length) : null;
  if (key === null) return { param, message };
  const name = `metadata[${key}]`;
  return { param: name, message: message.replace(`metadata.${key}`, () => name) };
}
