import * as z from 'zod/mini';
import { problemsOf, type Problem } from './problem.ts';

export const DEFAULT_PAGE_SIZE = 20;
export const MAX_PAGE_SIZE = 100;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const limitMessage = `limit must be a whole number from 1 to ${MAX_PAGE_SIZE}.`;
const cursorMessage = 'cursor is not one of this service: give the next_cursor of the page before, or leave it out.';

function queryProblem(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code !== 'unrecognized_keys') return undefined;
  const names = issue.keys.map((key) => JSON.stringify(key)).join(', ');
  return `${names}: no such query parameter. Known are limit and cursor.`;
}

/**
 * The query of `GET /v1/generations`; values are texts, as they come in a URL.
 * Made in a function, so that a bundler can leave it out: of a chain of calls it does not know whether they do something.
 */
const listQuery = /* @__PURE__ */ (() =>
  z.strictObject(
    {
      limit: z._default(
        z.pipe(
          z.string({ error: limitMessage }).check(
            z.regex(/^[1-9]\d*$/, { error: limitMessage }),
            z.refine((text) => Number(text) <= MAX_PAGE_SIZE, { error: limitMessage }),
          ),
          z.transform(Number),
        ),
        DEFAULT_PAGE_SIZE,
      ),
      /** The id of the last record of the page before: ids sort by time. */
      cursor: z.optional(z.string({ error: cursorMessage }).check(z.regex(UUID, { error: cursorMessage }))),
    },
    { error: queryProblem },
  ))();

export type ListQuery = z.output<typeof listQuery>;

type ParsedListQuery =
  | { readonly ok: true; readonly query: ListQuery }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export function parseListQuery(input: unknown): ParsedListQuery {
  const result = listQuery.safeParse(input);
  if (result.success) return { ok: true, query: result.data };
  return { ok: false, problems: problemsOf(result.error) };
}
