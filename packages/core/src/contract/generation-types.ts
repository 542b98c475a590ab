import type { Derivation, ListCount, SearchMatch, SearchProgress } from './library-types.ts';
import type { ModelName } from './request-types.ts';

/** What happened. `queued` and `running` are transient; `succeeded`, `failed` and `canceled` are final. */
export type GenerationState = 'queued' | 'running' | 'succeeded' | 'failed' | 'canceled';

/**
 * Whether it was billed, which is independent of what happened. `unknown`: the connection ended before the upstream confirmed it, so it may
 * have been.
 */
export type GenerationOutcome = 'billed' | 'not_billed' | 'unknown';

/** `stored`; `pending`: paid for, but not stored yet, and fetched until the vendor's URL expires; `lost`; or `deleted` for good. */
export type ImageState = 'stored' | 'pending' | 'lost' | 'deleted';

/** An input image of a generation. */
export interface InputImageRecord {
  /** Its position in the request, from 0. */
  index: number;
  /** `url`: sent as a URL, and recorded as such. `stored`: sent as bytes, which `url` serves. */
  kind: 'url' | 'stored';
  /** The URL of the request, or a permanent URL of the service for stored bytes. */
  url: string;
  /** State of the bytes, or of the archived copy of a URL; null if the service does not archive inputs. */
  state: ImageState | null;
  /** Permanent URL of the archived copy of an image that was sent as a URL; null without one. */
  archived_url: string | null;
  /** SHA-256 of the file in hexadecimal; null if the service does not have it. */
  sha256: string | null;
  /** In pixels, as the image is shown; null if unknown. */
  width: number | null;
  /** In pixels, as the image is shown; null if unknown. */
  height: number | null;
  /** Such as `image/png`; null if unknown. */
  mime_type: string | null;
  /** Id of the image of this history whose URL was sent; null for any other image. */
  from_image: string | null;
}

/** A generated image. */
export interface ImageRecord {
  /** The id of its generation and its index, such as `019ab2c4-…-0`. */
  id: string;
  /** Always `image`. */
  object: 'image';
  /** Its position in the response, from 0. */
  index: number;
  /** Whether the service has its bytes. */
  state: ImageState;
  /** Permanent, signed URL at the history service, which serves the bytes. Null once the image was deleted for good. */
  url: string | null;
  /** In pixels, as the image is shown; null until it is stored. */
  width: number | null;
  /** In pixels, as the image is shown; null until it is stored. */
  height: number | null;
  /** Size of the file in bytes; null until it is stored. */
  bytes: number | null;
  /** Such as `image/png`; null until it is stored. */
  mime_type: string | null;
  /** SHA-256 of the file in hexadecimal; null until it is stored. */
  sha256: string | null;
  /** The prompt as the upstream rewrote it; null if it did not. */
  revised_prompt: string | null;
  /** What is unusual about the image: its bytes are no PNG, JPEG, BMP or WEBP. Null for all others. */
  warning: string | null;
  /** EXIF orientation of the file, from 1 to 8, of which `width` and `height` already take account; null without one. */
  orientation: number | null;
  /** Whether somebody marked it as a favorite. */
  favorite: boolean;
  /** A blurred preview of about 30 bytes in base64 (thumbhash), to show while the image loads; null until it has been made. */
  thumbhash: string | null;
  /** When the image itself was put into the bin, or deleted for good; null otherwise. */
  deleted_at: string | null;
}

/** Why a generation failed or was canceled, in the same words as the response to its client. */
export interface GenerationError {
  /** The kind of error, such as `invalid_request_error`. */
  type: string;
  /** A stable code; null without one. */
  code: string | null;
  /** What happened, and what to do. */
  message: string;
  /** The field at fault, such as `image[1]`; null if no single field is. */
  param: string | null;
}

/** The data of a `state` event. */
export interface GenerationStateChange {
  /** Id of the generation. */
  id: string;
  /** The state that it is in now. */
  state: GenerationState;
  /** Null until the generation has ended. */
  outcome: GenerationOutcome | null;
  /** Null unless it failed or was canceled. */
  error: GenerationError | null;
}

/** A value of OpenAI's dialect, or a model alias, and the value that was used for it. */
export interface AdaptedParameter {
  /** Name of the parameter. */
  param: string;
  /** The value of the request; null if the parameter was absent. */
  given: string | null;
  /** The value that was sent upstream. */
  used: string;
}

/** What the upstream returned. */
export interface UpstreamRecord {
  /** Its request id, by which its invoice has the request; null if it sent none. */
  request_id: string | null;
  /** HTTP status; null without a response. */
  status: number | null;
  /** Number of HTTP requests that were sent; null until it is known. */
  attempts: number | null;
  /** Whether the embedded simulator of the service generated it, so that it cost nothing. */
  simulated: boolean;
  /** The upstream's own text of its error, redacted; null without one, and for every key but the admin key. */
  message: string | null;
  /** Keys of the response beyond the contract; null without any. */
  extra: Record<string, unknown> | null;
  /** Names of the keys of the response that are missing in `extra`, of which a record keeps 64 KiB: in the form of `cut`. */
  extra_cut: string[];
}

/** An amount of money. */
export interface Cost {
  /** A decimal number such as `0.50`. */
  amount: string;
  /** ISO 4217, such as `CNY`. */
  currency: string;
}

/** A generation as a history service recorded it. Times are RFC 3339 in UTC with milliseconds: `2026-11-23T08:00:00.000Z`. */
export interface GenerationRecord {
  /** UUID v7, so ids sort by time. */
  id: string;
  /** Always `generation`. */
  object: 'generation';
  /** What happened. */
  state: GenerationState;
  /** Whether it was billed; null until the generation has ended. */
  outcome: GenerationOutcome | null;
  /** The client: the header `x-wan-image-client` (at most 64 characters), or `api`. */
  source: string;
  /** The model that the request was sent to. */
  model: ModelName;
  /** The prompt as sent. */
  prompt: string;
  /** The accepted request, with defaults and vendor parameters; input images are references, never bytes. */
  request: Record<string, unknown>;
  /**
   * Names of the parameters that were sent upstream but are missing in `request`: of those that the contract does not define, a record
   * keeps 64 KiB. At most 20 names, each shortened to 60 characters, then how many more there are.
   */
  cut: string[];
  /** The `user` of the request, which is not sent upstream; null without one. */
  user: string | null;
  /** The `metadata` of the request: up to 16 pairs of strings, which are not sent upstream; null without any. */
  metadata: Record<string, unknown> | null;
  /** Names of the parameters that were received but not sent upstream. */
  dropped: string[];
  /** Values in OpenAI's dialect, or model aliases, and the values used for them. */
  adapted: AdaptedParameter[];
  /** In the order of the request. */
  input_images: InputImageRecord[];
  /** In the order of the response. */
  images: ImageRecord[];
  /** Null unless it failed or was canceled. */
  error: GenerationError | null;
  /** What the upstream returned. */
  upstream: UpstreamRecord;
  /** The highest possible cost if the outcome is unknown; null until the generation has ended, and if the model has no price. */
  cost: Cost | null;
  /** The API key of the request, by its id; null for the admin key, or without authentication. */
  api_key: {
    /** Id of the key, not the key itself. */
    id: string;
  } | null;
  /** When it was recorded. */
  created_at: string;
  /** When the request was sent upstream; null before that. */
  sent_at: string | null;
  /** When it reached a final state; null until then. */
  finished_at: string | null;
  /** From `sent_at` to `finished_at`, in milliseconds. */
  duration_ms: number | null;
  /** Given by people, sorted by code points: up to 32 of 1 to 64 characters. */
  tags: string[];
  /** Written by people: up to 10,000 characters; null without one. */
  note: string | null;
  /** When it was put into the bin; null if it is not there. */
  deleted_at: string | null;
  /** The generations of the same project that it was made from. */
  derived_from: Derivation[];
  /** Only in lists with `q`: where its words stand. */
  matches?: SearchMatch[] | undefined;
}

/** A page of generations. */
export interface GenerationList {
  /** Always `list`. */
  object: 'list';
  /** Newest first, unless `order` says otherwise. A page of large records has fewer than `limit`. */
  data: GenerationRecord[];
  /** Whether another page follows. */
  has_more: boolean;
  /** Pass it as `cursor` to get the next page; null on the last page. */
  next_cursor: string | null;
  /** Only with `count`: how many the filter selects. */
  count?: ListCount | undefined;
  /** Only with `q`, `user`, `metadata`, `seed` and `derived_from`: how far their index is. */
  search?: SearchProgress | undefined;
}
