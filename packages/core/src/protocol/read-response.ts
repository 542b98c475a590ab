import { IN_DOUBT, WanImageError } from '../errors/wan-image-error.ts';
import { parseJson } from './parse-json.ts';
import type { ImageText } from './image-text.ts';
import { errorFromResponse, isErrorBody, requestIdOf } from './read-error.ts';
import type { ResponseHead } from './response-head.ts';

/** One entry of a reply's `data`, as far as it is used. */
export interface ResponseEntry {
  readonly url: string | null;
  /** Whether its bytes came in the reply. */
  readonly hasBytes: boolean;
  readonly revisedPrompt: string | null;
}

/** What is wrong with the text of an image that has no URL either. */
export type EntryProblem = 'not_base64' | 'too_large';

/**
 * An entry of `data`; what is wrong with it; or null where there is nothing in it: moderation may leave an empty place.
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

/** The facts of a reply beside its images. */
export interface ResponseFacts {
  /** Unix seconds; null where the server did not say. */
  readonly created: number | null;
  /** Keys of the reply beyond the contract. */
  readonly extra: Readonly<Record<string, unknown>>;
  /** The untouched JSON, with null in place of each base64 text. */
  readonly json: unknown;
}

/** What the images of a reply came to. */
export interface ResponseParts {
  /** Objects in `data` that were seen on the way. */
  readonly entries: number;
  readonly images: number;
  /** By the places of the images. */
  readonly problems: ReadonlyMap<number, EntryProblem>;
  /** What an image that is `too_large` exceeds. */
  readonly maxImageBytes: number;
}

/**
 * The end of a reply with success: its facts, or the error that it stands for, thrown.
 * `text` is its JSON without the images; `now` is in milliseconds since 1970.
 */
export function readResponseEnd(head: ResponseHead, text: string, parts: ResponseParts, now: number): ResponseFacts {
  const { entries, images, problems } = parts;
  const json = parseJson(text);
  if (json === undefined) throw unreadable(head, text.trim() === '' ? 'is empty' : 'is not JSON, or was cut');
  if (isErrorBody(json)) throw errorFromResponse(head, text, now);
  // Lenient on purpose (ruling 13): a new or odd key in a reply that was paid for must not cost its images.
  const { created, data, ...extra } = isObject(json) ? json : {};
  if (!Array.isArray(data)) throw unreadable(head, 'has no list of images in "data"');
  // JSON.parse believes the last of two keys; the images of the first have been handed out.
  if (data.filter(isObject).length !== entries) throw unreadable(head, 'ends not as it began: "data" came twice');
  if (problems.size > 0) throw wrongImages(head, parts);
  if (images === 0) throw unreadable(head, 'holds no image that can be read');
  return { created: typeof created === 'number' ? created : null, extra, json };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrongImages(head: ResponseHead, { problems, maxImageBytes: limit }: ResponseParts): WanImageError {
  const words: Readonly<Record<EntryProblem, string>> = {
    not_base64: 'is not base64',
    too_large: `is larger than ${limit} bytes`,
  };
  const all = [...problems].map(([index, problem]) => `has an image that ${words[problem]} (image ${index})`);
  const error = unreadable(head, all.join('; '));
  if ([...problems.values()].includes('not_base64')) return error;
  // An image that is only too large was generated and billed, and the caller can accept it.
  return error.with({ fault: 'caller', outcome: 'billed', remedy: 'raise_max_image_bytes', limit });
}

/** Responded with success, yet not understood: the work was probably done, so nobody may send it again unasked. */
export function unreadable({ status, headers, secrets = [] }: ResponseHead, what: string): WanImageError {
  return new WanImageError(
    `The server answered ${status}, but its reply ${what}. ${IN_DOUBT}`,
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
