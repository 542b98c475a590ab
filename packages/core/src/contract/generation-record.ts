import * as z from 'zod/mini';
import { MODELS } from './limits.ts';

// The types of these schemas are written out in `generation-types.ts`, with a description of each field; a test compares them.
export const GENERATION_STATES = ['queued', 'running', 'succeeded', 'failed', 'canceled'] as const;
export const GENERATION_OUTCOMES = ['billed', 'not_billed', 'unknown'] as const;
const IMAGE_STATES = ['stored', 'pending', 'lost', 'deleted'] as const;

/** RFC 3339, UTC, milliseconds: `2026-11-23T08:00:00.000Z`. */
const time = z.string();
const pixels = z.nullable(z.int());
/** Any JSON object. `z.record` would add half a kilobyte to a bundle. */
const json = z.looseObject({});

export const inputImageRecord = z.object({
  index: z.int(),
  /** `url`: sent as a URL, and stored as such. `stored`: sent as bytes, which `url` serves. */
  kind: z.enum(['url', 'stored']),
  url: z.string(),
  /** State of the bytes. An image sent as a URL is archived in the background: `pending`, then `stored` or `lost`; null if the service does not archive inputs. */
  state: z._default(z.nullable(z.enum(IMAGE_STATES)), null),
  /** Permanent URL of the archived copy of an image that was sent as a URL; null without one. */
  archived_url: z._default(z.nullable(z.string()), null),
  sha256: z.nullable(z.string()),
  width: pixels,
  height: pixels,
  mime_type: z.nullable(z.string()),
  /** Id of the image of this history whose URL was sent; null for any other image. */
  from_image: z._default(z.nullable(z.string()), null),
});

export const imageRecord = z.object({
  id: z.string(),
  object: z.literal('image'),
  index: z.int(),
  state: z.enum(IMAGE_STATES),
  /** Permanent URL at the history service, which serves the bytes; null once the image was deleted for good. */
  url: z.nullable(z.string()),
  width: pixels,
  height: pixels,
  bytes: z.nullable(z.int()),
  mime_type: z.nullable(z.string()),
  sha256: z.nullable(z.string()),
  revised_prompt: z.nullable(z.string()),
  /** What is unusual about the image: its bytes are no PNG, JPEG, BMP or WEBP. Null for all others. */
  warning: z._default(z.nullable(z.string()), null),
  /** EXIF orientation of the file, from 1 to 8, of which `width` and `height` already take account; null without one. */
  orientation: z._default(z.nullable(z.int()), null),
  /** Marked by a person as good: of four images, maybe one. */
  favorite: z._default(z.boolean(), false),
  /** A blurred preview of about 30 bytes in base64 (thumbhash); null until it is made. */
  thumbhash: z._default(z.nullable(z.string()), null),
  /** When the image itself was put into the bin, or deleted for good; null otherwise. */
  deleted_at: z._default(z.nullable(time), null),
});

const recordedError = z.nullable(
  z.object({
    type: z.string(),
    code: z.nullable(z.string()),
    message: z.string(),
    param: z.nullable(z.string()),
  }),
);

/** The data of a `state` event. */
export const generationStateChange = z.object({
  id: z.string(),
  state: z.enum(GENERATION_STATES),
  /** Null until the generation has ended. */
  outcome: z.nullable(z.enum(GENERATION_OUTCOMES)),
  error: recordedError,
});

/** Where a word of a search stands in a record. */
const searchMatch = z.object({
  field: z.enum(['prompt', 'revised_prompt', 'note', 'tag']),
  /** Of a revised prompt, the index of its image; of a tag, its place in `tags`; null for the others. */
  index: z.nullable(z.int()),
  /** Start (inclusive) and end (exclusive), in UTF-16 code units of the text as the record has it; ascending, without overlaps. */
  ranges: z.array(z.tuple([z.int(), z.int()])),
});

/** What a generation was made from. */
const derivation = z.object({
  /** `rerun`: of that generation. `edit`: with one of its images as input. */
  kind: z.enum(['rerun', 'edit']),
  generation_id: z.string(),
  /** The image that was an input; null for a rerun. */
  image_id: z.nullable(z.string()),
});

/** The schema of a {@link GenerationRecord}. Fields that older services do not send get a default. */
export const generationRecord = z.object({
  /** UUID v7, so ids sort by time. */
  id: z.string(),
  object: z.literal('generation'),
  state: z.enum(GENERATION_STATES),
  /** Null until the generation has ended. */
  outcome: z.nullable(z.enum(GENERATION_OUTCOMES)),
  /** The client: the header `x-wan-image-client` (at most 64 characters), or `api`. */
  source: z.string(),
  model: z.enum(MODELS),
  prompt: z.string(),
  /** The accepted request, with defaults and vendor parameters; input images are references, never bytes. */
  request: json,
  /**
   * Names of the parameters that were sent upstream, but are missing in `request`: of those that the contract does not define, a record
   * keeps 64 KiB. At most 20 names of at most 60 characters, then how many more there are. A request with any cannot be repeated from its record.
   */
  cut: z._default(z.array(z.string()), []),
  /** The client's own references, as it sent them; they are not sent upstream. Null without them. */
  user: z._default(z.nullable(z.string()), null),
  metadata: z._default(z.nullable(json), null),
  /** Names of the parameters that were received but not sent upstream. */
  dropped: z.array(z.string()),
  /** Values in OpenAI's dialect and the values used for them; `given` is null if the parameter was absent. */
  adapted: z._default(z.array(z.object({ param: z.string(), given: z.nullable(z.string()), used: z.string() })), []),
  input_images: z.array(inputImageRecord),
  images: z.array(imageRecord),
  error: recordedError,
  upstream: z.object({
    request_id: z.nullable(z.string()),
    status: z.nullable(z.int()),
    /** Number of HTTP requests that were sent; null until it is known. */
    attempts: z.nullable(z.int()),
    /** Whether the embedded simulator of the service generated it, so that it cost nothing. */
    simulated: z._default(z.boolean(), false),
    /** The upstream's own text of its error, redacted; null without one, and for every key but the admin key. */
    message: z._default(z.nullable(z.string()), null),
    /** Keys of the response beyond the contract. */
    extra: z.nullable(json),
    /** Names of the keys of the response that are missing in `extra`, of which a record keeps 64 KiB: in the form of `cut`. */
    extra_cut: z._default(z.array(z.string()), []),
  }),
  /**
   * A decimal number. The highest possible cost if the outcome is unknown; null until the generation has ended, and if the service has
   * no price for the model.
   */
  cost: z.nullable(z.object({ amount: z.string(), currency: z.string() })),
  /** The API key of the request; null for the admin key, or without authentication. */
  api_key: z.nullable(z.object({ id: z.string() })),
  created_at: time,
  /** When the request was sent upstream; null before that. */
  sent_at: z.nullable(time),
  finished_at: z.nullable(time),
  /** From `sent_at` to `finished_at`, in milliseconds. */
  duration_ms: z.nullable(z.int()),
  /** Given by people: up to 32, sorted by code points. */
  tags: z._default(z.array(z.string()), []),
  note: z._default(z.nullable(z.string()), null),
  /** When it was put into the bin; null if it is not there. */
  deleted_at: z._default(z.nullable(time), null),
  /** Generations of the same project that it was made from. */
  derived_from: z._default(z.array(derivation), []),
  /** Only in lists with `q`: where the words stand. */
  matches: z.optional(z.array(searchMatch)),
});

/** How many the filter selects. */
const listCount = z.object({
  value: z.int(),
  /** Whether there are more than `value`, which is 1,000 then: to be shown as "1000+". */
  capped: z.boolean(),
});

/** How far the search is: generations that were recorded before an update of the service are indexed in the background. */
export const searchProgress = z.object({
  /** Whether everything can be found. */
  complete: z.boolean(),
  /** The part of all generations that can be found, from 0 to 1. */
  indexed: z.number(),
});

/** The schema of a {@link GenerationList}. */
export const generationList = z.object({
  object: z.literal('list'),
  /** Newest first, unless `order` says otherwise. */
  data: z.array(generationRecord),
  has_more: z.boolean(),
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: z.nullable(z.string()),
  /** Only with `count=true`. */
  count: z.optional(listCount),
  /** Only with `q`, `user`, `metadata`, `seed` and `derived_from`. */
  search: z.optional(searchProgress),
});

/** An image of a list for grids: what a page needs to lay it out. */
export const imageListItem = /* @__PURE__ */ (() =>
  z.object({
    id: z.string(),
    object: z.literal('image'),
    generation_id: z.string(),
    index: z.int(),
    /** The number of images of its generation. */
    set_size: z.int(),
    state: z.enum(IMAGE_STATES),
    width: pixels,
    height: pixels,
    thumbhash: z.nullable(z.string()),
    url: z.string(),
    favorite: z.boolean(),
    deleted_at: z.nullable(time),
    /** The first 200 code points of it. */
    prompt: z.string(),
    model: z.string(),
    created_at: time,
  }))();

export const imageList = /* @__PURE__ */ (() =>
  z.object({
    object: z.literal('list'),
    data: z.array(imageListItem),
    has_more: z.boolean(),
    next_cursor: z.nullable(z.string()),
    count: z.optional(listCount),
    search: z.optional(searchProgress),
  }))();

/** The record of one image, with its generation. */
export const singleImageRecord = /* @__PURE__ */ (() =>
  z.object({ ...imageRecord.shape, generation_id: z.string() }))();

export const tagList = /* @__PURE__ */ (() =>
  z.object({
    object: z.literal('list'),
    /** By use, the most used first. */
    data: z.array(z.object({ tag: z.string(), generations: z.int() })),
  }))();
