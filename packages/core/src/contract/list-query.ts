import * as z from 'zod/mini';
import { onlyKnown } from './field-messages.ts';
import { parseWith, type Parsed } from './parsed.ts';
import { UUID } from './uuid.ts';

export const DEFAULT_PAGE_SIZE = 20;
export const MAX_PAGE_SIZE = 100;

const limitRule = { error: `limit must be a whole number from 1 to ${MAX_PAGE_SIZE}.` };
const cursorRule = {
  error: 'Invalid cursor: pass the next_cursor of the previous page, or omit it.',
};

/**
 * The query of a list, such as `GET /v1/generations`. All values are strings, as they come in a URL.
 * Built in a function, so that a bundler can drop it: it cannot know that a chain of schema calls has no side effects.
 */
const listQuery = /* @__PURE__ */ (() =>
  z.strictObject(
    {
      /** Records of one page. */
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

export type ListQuery = z.output<typeof listQuery>;

/** Parses the query of a list: `limit` from 1 to 100 (default 20), `cursor` from the `next_cursor` of the previous page. */
export function parseListQuery(input: unknown): Parsed<ListQuery> {
  return parseWith(listQuery, input);
}
