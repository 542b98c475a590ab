import * as z from 'zod/mini';
import { onlyKnown } from './field-messages.ts';
import { parseFilterQuery, type GenerationFilter } from './generation-filter.ts';
import { parseWith, type Parsed } from './parsed.ts';
import { searchWords } from './search-query.ts';
import { UUID } from './uuid.ts';

/** Records of a page without `limit`. */
export const DEFAULT_PAGE_SIZE = 20;
/** Largest `limit` of a page. */
export const MAX_PAGE_SIZE = 100;

/** Maximum number of images of one page of `GET /v1/images`. */
export const MAX_IMAGE_PAGE_SIZE = 1_000;
/** Images of a page without `limit`. */
export const DEFAULT_IMAGE_PAGE_SIZE = 100;

const cursorRule = {
  error: 'Invalid cursor: pass the next_cursor of the previous page, or omit it.',
};

/** `most` and `usual`: the maximum number of records of a page, and that of a page whose query says nothing. */
function limitField(most: number, usual: number) {
  const rule = { error: `limit must be a whole number from 1 to ${most}.` };
  return z._default(
    z.pipe(
      z.string(rule).check(
        z.regex(/^[1-9]\d{0,9}$/, rule),
        z.refine((text) => Number(text) <= most, rule),
      ),
      z.transform(Number),
    ),
    usual,
  );
}

/**
 * The query of a list, such as `GET /v1/api-keys`. All values are strings, as they come in a URL.
 * Built in a function, so that a bundler can drop it: it cannot know that a chain of schema calls has no side effects.
 */
export const listQuery = /* @__PURE__ */ (() =>
  z.strictObject(
    {
      /** Records of one page. */
      limit: limitField(MAX_PAGE_SIZE, DEFAULT_PAGE_SIZE),
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

/** The order of a list by creation: newest first, or oldest first. */
export type ListOrder = 'desc' | 'asc';

/** Which part of a filtered list, and in which order. */
export interface FilteredPage {
  /** Rows of the page. */
  readonly limit: number;
  /** The `next_cursor` of the page before, with the same filter and order. It means something to the service alone. */
  readonly cursor: string | null;
  /** Newest or oldest first. */
  readonly order: ListOrder;
  /** Whether to count what the filter selects, up to 1,000. */
  readonly count: boolean;
}

/** The query of `GET /v1/generations` and of `GET /v1/images`. */
export interface FilteredListQuery {
  /** Which part of it, and in which order. */
  readonly page: FilteredPage;
  /** What it selects. */
  readonly filter: GenerationFilter;
}

const PAGE_NAMES = ['limit', 'cursor', 'order', 'count'];

const pageQuery = (most: number, usual: number) =>
  z.object({
    limit: limitField(most, usual),
    /** Opaque: made and checked by the service. */
    cursor: z._default(z.nullable(z.string(cursorRule).check(z.regex(/^[\w-]{1,400}$/, cursorRule))), null),
    order: z._default(z.enum(['desc', 'asc'], { error: 'order must be desc (newest first) or asc.' }), 'desc'),
    count: z._default(
      z.pipe(
        z.enum(['true', 'false'], { error: 'count must be true or false.' }),
        z.transform((text) => text === 'true'),
      ),
      false,
    ),
  });

const generationPage = /* @__PURE__ */ (() => pageQuery(MAX_PAGE_SIZE, DEFAULT_PAGE_SIZE))();
const imagePage = /* @__PURE__ */ (() => pageQuery(MAX_IMAGE_PAGE_SIZE, DEFAULT_IMAGE_PAGE_SIZE))();

type Query = Readonly<Record<string, unknown>>;

/** Parses the query of `GET /v1/generations`: a page of up to 100 records, and a filter. */
export function parseGenerationListQuery(input: Query): Parsed<FilteredListQuery> {
  return parseFilteredList(generationPage, input);
}

/** Parses the query of `GET /v1/images`: a page of up to 1,000 images, and a filter. */
export function parseImageListQuery(input: Query): Parsed<FilteredListQuery> {
  return parseFilteredList(imagePage, input);
}

function parseFilteredList(schema: typeof generationPage, input: Query): Parsed<FilteredListQuery> {
  const isOfPage = ([name]: readonly [string, unknown]): boolean => PAGE_NAMES.includes(name);
  const entries = Object.entries(input);
  const page = parseWith(schema, Object.fromEntries(entries.filter(isOfPage)));
  const filter = parseFilterQuery(Object.fromEntries(entries.filter((entry) => !isOfPage(entry))), PAGE_NAMES);
  if (!page.ok || !filter.ok)
    return { ok: false, problems: [...(page.ok ? [] : page.problems), ...(filter.ok ? [] : filter.problems)] };
  const isSearch = searchWords(filter.value.q ?? '').length > 0;
  if (isSearch && page.value.order === 'asc') {
    const message = 'order=asc cannot be combined with q: a search finds the newest first. Omit order.';
    return { ok: false, problems: [{ param: 'order', message }] };
  }
  return { ok: true, value: { page: page.value, filter: filter.value } };
}
