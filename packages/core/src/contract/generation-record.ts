import * as z from 'zod/mini';
import { MODELS } from './limits.ts';

/** What happened. `queued` and `running` pass; the other three are final. */
const GENERATION_STATES = ['queued', 'running', 'succeeded', 'failed', 'canceled'] as const;
export type GenerationState = (typeof GENERATION_STATES)[number];

/** What it cost, as far as is known: another fact than what happened. */
const GENERATION_OUTCOMES = ['billed', 'not_billed', 'unknown'] as const;
export type GenerationOutcome = (typeof GENERATION_OUTCOMES)[number];

/** `stored`, `pending` (paid for, bytes not yet kept; fetched while the vendor's URL lives) or `lost`. */
const IMAGE_STATES = ['stored', 'pending', 'lost'] as const;
export type ImageState = (typeof IMAGE_STATES)[number];

/** RFC 3339, UTC, milliseconds: `2026-11-23T08:00:00.000Z`. */
const time = z.string();
const pixels = z.nullable(z.int());
/** Any JSON object: `z.record` says the same and would weigh half a kilobyte more. */
const json = z.looseObject({});

export const inputImageRecord = z.object({
  index: z.int(),
  /** `url`: given as a URL, kept as that. `stored`: given as bytes, which are kept; `url` then serves them. */
  kind: z.enum(['url', 'stored']),
  url: z.string(),
  /** Of the bytes. Given as a URL, they are fetched in the background: `pending`, until they are `stored` or given up as `lost`; null where that is not done. */
  state: z._default(z.nullable(z.enum(IMAGE_STATES)), null),
  /** Of an image that was given as a URL: the permanent URL of the copy that was made of it; null where there is none yet. */
  archived_url: z._default(z.nullable(z.string()), null),
  sha256: z.nullable(z.string()),
  width: pixels,
  height: pixels,
  mime_type: z.nullable(z.string()),
  /** Id of the image of this history that it was, where it was given as its URL. */
  from_image: z._default(z.nullable(z.string()), null),
});
export type InputImageRecord = z.infer<typeof inputImageRecord>;

export const imageRecord = z.object({
  id: z.string(),
  object: z.literal('image'),
  index: z.int(),
  state: z.enum(IMAGE_STATES),
  /** Permanent, of the history service; it serves the bytes. */
  url: z.string(),
  width: pixels,
  height: pixels,
  bytes: z.nullable(z.int()),
  mime_type: z.nullable(z.string()),
  sha256: z.nullable(z.string()),
  revised_prompt: z.nullable(z.string()),
});
export type ImageRecord = z.infer<typeof imageRecord>;

const recordedError = z.nullable(
  z.object({
    type: z.string(),
    code: z.nullable(z.string()),
    message: z.string(),
    param: z.nullable(z.string()),
  }),
);

/** What a `state` event tells of a generation. */
export const generationStateChange = z.object({
  id: z.string(),
  state: z.enum(GENERATION_STATES),
  /** Null until the generation has ended. */
  outcome: z.nullable(z.enum(GENERATION_OUTCOMES)),
  error: recordedError,
});
export type GenerationStateChange = z.infer<typeof generationStateChange>;

export const generationRecord = z.object({
  /** UUID v7, so ids sort by time. */
  id: z.string(),
  object: z.literal('generation'),
  state: z.enum(GENERATION_STATES),
  /** Null until the generation has ended. */
  outcome: z.nullable(z.enum(GENERATION_OUTCOMES)),
  /** Who asked: the header `x-wan-image-client` (at most 64 characters), else `api`. */
  source: z.string(),
  model: z.enum(MODELS),
  prompt: z.string(),
  /** As accepted, defaults filled in, vendor parameters included; input images as references, never bytes. */
  request: json,
  /** Names of the parameters that were given but not sent on. */
  dropped: z.array(z.string()),
  /** What was given in OpenAI's dialect and what was taken for it; `given` is null where nothing was. */
  adapted: z._default(z.array(z.object({ param: z.string(), given: z.nullable(z.string()), used: z.string() })), []),
  input_images: z.array(inputImageRecord),
  images: z.array(imageRecord),
  error: recordedError,
  upstream: z.object({
    request_id: z.nullable(z.string()),
    status: z.nullable(z.int()),
    /** How often the request reached out; null until it is known. */
    attempts: z.nullable(z.int()),
    /** Keys of the reply beyond the contract. */
    extra: z.nullable(json),
  }),
  /**
   * As a decimal number. Of what may have been billed, all that it may have cost; null until the generation has ended, and where the
   * service has no price for the model.
   */
  cost: z.nullable(z.object({ amount: z.string(), currency: z.string() })),
  /** The key that asked for it; null: the admin key, or none. */
  api_key: z.nullable(z.object({ id: z.string() })),
  created_at: time,
  /** When the request was about to leave; null while it has not. */
  sent_at: z.nullable(time),
  finished_at: z.nullable(time),
  /** From `sent_at` to `finished_at`, in milliseconds. */
  duration_ms: z.nullable(z.int()),
});
export type GenerationRecord = z.infer<typeof generationRecord>;

export const generationList = z.object({
  object: z.literal('list'),
  /** Newest first. */
  data: z.array(generationRecord),
  has_more: z.boolean(),
  /** Give it as `cursor` to get what follows; null on the last page. */
  next_cursor: z.nullable(z.string()),
});
export type GenerationList = z.infer<typeof generationList>;
