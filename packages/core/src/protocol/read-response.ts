import { UNKNOWN_OUTCOME_ADVICE, WanImageError } from '../errors/wan-image-error.ts';
import { parseJson } from './parse-json.ts';
import type { ImageText } from './image-text.ts';
import { errorFromResponse, isErrorBody, requestIdOf } from './read-error.ts';
import type { ResponseHead } from './response-head.ts';

/** The used fields of one entry of `data`. */
export interface ResponseEntry {
  readonly url: string | null;
  /** Whether the response contained its bytes. */
  readonly hasBytes: boolean;
  readonly revisedPrompt: string | null;
}

/** The problem of an image that has no URL either. */
export type EntryProblem = 'not_base64' | 'too_large';

/**
 * An entry of `data`, its problem, or null for an empty entry, which moderation may leave behind.
 * An empty string means absent (ruling 13).
 */
export function readEntry(json: string, text: ImageText | null): ResponseEntry | EntryProblem | null {
  const raw = parseJson(json);
  if (typeof raw !== 'object' || raw === null) return null;
  const { url, revised_prompt } = raw as Readonly<Record<string, unknown>>;
  const entry = { url: textOf(url), hasBytes: text === 'complete', revisedPrompt: textOf(revised_prompt) };
  if (entry.url !== null || entry.hasBytes) return entry;
  return text === null || text === 'empty' || text === 'complete' ? null : text;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** A response without its images. */
export interface ResponseFacts {
  /** Unix time in seconds; null if the server did not send it. */
  readonly created: number | null;
  /** Keys of the response beyond the contract. */
  readonly extra: Readonly<Record<string, unknown>>;
  /** The JSON as received, with null in place of each base64 text. */
  readonly json: unknown;
}

/** The images of a response, counted while they arrived. */
export interface ResponseParts {
  /** Number of objects in `data`. */
  readonly entries: number;
  readonly images: number;
  /** By the index of the image. */
  readonly problems: ReadonlyMap<number, EntryProblem>;
  /** What an image that is `too_large` exceeds. */
  readonly maxImageBytes: number;
}

/**
 * Reads a successful response after its last byte. Throws if it is an error after all, or contains no image.
 * `text` is its JSON without the images; `now` is in milliseconds since 1970.
 */
export function readResponseEnd(head: ResponseHead, text: string, parts: ResponseParts, now: number): ResponseFacts {
  const { entries, images, problems } = parts;
  const json = parseJson(text);
  if (json === undefined) throw unreadable(head, text.trim() === '' ? 'is empty' : 'is not JSON, or was cut off');
  if (isErrorBody(json)) throw errorFromResponse(head, text, now);
  // Lenient on purpose (ruling 13): an unknown key must not lose images that were paid for.
  const { created, data, ...extra } = isObject(json) ? json : {};
  if (!Array.isArray(data)) throw unreadable(head, 'has no list of images in "data"');
  // JSON.parse takes the last of two equal keys, but the images of the first have already been delivered.
  if (data.filter(isObject).length !== entries) throw unreadable(head, 'contains "data" twice');
  if (problems.size > 0) throw invalidImages(head, parts);
  if (images === 0) throw unreadable(head, 'contains no readable image');
  return { created: typeof created === 'number' ? created : null, extra, json };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The error of a response with images that cannot be read. */
export function invalidImages(head: ResponseHead, { problems, maxImageBytes: limit }: ResponseParts): WanImageError {
  const words: Readonly<Record<EntryProblem, string>> = {
    not_base64: 'is not base64',
    too_large: `is larger than ${limit} bytes`,
  };
  const all = [...problems].map(([index, problem]) => `contains an image that ${words[problem]} (image ${index})`);
  const error = unreadable(head, all.join('; '));
  if ([...problems.values()].includes('not_base64')) return error;
  // An image that is only too large was generated and billed, and the caller can accept it.
  return error.with({ fault: 'caller', outcome: 'billed', remedy: 'raise_max_image_bytes', limit });
}

/** The error of a successful response that cannot be read. The work was probably done, so it must not be retried automatically. */
export function unreadable({ status, headers, secrets = [] }: ResponseHead, what: string): WanImageError {
  return new WanImageError(
    `The server responded with ${status}, but the response ${what}. ${UNKNOWN_OUTCOME_ADVICE}`,
    {
      kind: 'unreadable_response',
      fault: 'server',
      outcome: 'unknown',
      status,
      headers,
      requestId: requestIdOf(headers),
    },
    { secrets },
  );
}
