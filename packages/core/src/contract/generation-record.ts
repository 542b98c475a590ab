import * as z from 'zod/mini';
import { MODELS } from './limits.ts';

// The types of these schemas are written out in `generation-types.ts`, with a description of each field; a test compares them.
const GENERATION_STATES = ['queued', 'running', 'succeeded', 'failed', 'canceled'] as const;
const GENERATION_OUTCOMES = ['billed', 'not_billed', 'unknown'] as const;
const IMAGE_STATES = ['stored', 'pending', 'lost'] as const;

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
  /** Permanent URL at the history service, which serves the bytes. */
  url: z.string(),
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
});

/** The schema of a {@link GenerationList}. */
export const generationList = z.object({
  object: z.literal('list'),
  /** Newest first. */
  data: z.array(generationRecord),
  has_more: z.boolean(),
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: z.nullable(z.string()),
});
