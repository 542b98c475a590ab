import { upstreamReply } from '../contract/generation-reply.ts';
import { IN_DOUBT, WanImageError } from '../errors/wan-image-error.ts';
import { isBase64 } from '../images/base64.ts';
import { readDataUri } from '../images/data-uri.ts';
import { parseJson } from './parse-json.ts';
import { errorFromAnswer, isErrorBody, requestIdOf } from './read-error.ts';
import type { Headers } from './retry-after.ts';

/** An answer, read to its end. */
export interface HttpAnswer {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Headers;
  readonly text: string;
}

/** One picture of a reply: a URL or base64, or both where the server gave both. */
export interface ReplyImage {
  readonly url: string | null;
  readonly base64: string | null;
  readonly revisedPrompt: string | null;
}

export interface Reply {
  /** Unix seconds; null where the server did not say. */
  readonly created: number | null;
  readonly images: readonly ReplyImage[];
  /** Keys of the reply beyond the contract. */
  readonly extra: Readonly<Record<string, unknown>>;
  readonly requestId: string | null;
  /** The record's id, when history answered. */
  readonly generationId: string | null;
}

/** The reply in an answer, or the error that it stands for, thrown. `now` is in milliseconds since 1970. */
export function readReply(answer: HttpAnswer, now: number): Reply {
  const { status, headers, text } = answer;
  if (status < 200 || status > 299) throw errorFromAnswer(status, headers, text, now);
  const json = parseJson(text);
  if (json === undefined) throw unreadable(answer, text.trim() === '' ? 'is empty' : 'is not JSON');
  if (isErrorBody(json)) throw errorFromAnswer(status, headers, text, now);
  const parsed = upstreamReply.safeParse(json);
  if (!parsed.success) throw unreadable(answer, 'has no list of pictures in "data"');
  const { created, data, ...extra } = parsed.data;
  const images = data.map(readImage).filter((image) => image !== null);
  if (images.length === 0) throw unreadable(answer, 'holds no picture that can be read');
  return {
    created: typeof created === 'number' ? created : null,
    images,
    extra,
    requestId: requestIdOf(headers),
    generationId: headers['x-generation-id'] ?? null,
  };
}

/** Null where there is nothing in it: moderation may leave an empty place. An empty string means absent (ruling 13). */
function readImage(raw: unknown): ReplyImage | null {
  if (typeof raw !== 'object' || raw === null) return null;
  const { url, b64_json, revised_prompt } = raw as Readonly<Record<string, unknown>>;
  const image = { url: textOf(url), base64: readBase64(textOf(b64_json)), revisedPrompt: textOf(revised_prompt) };
  return image.url === null && image.base64 === null ? null : image;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** Some hosts wrap lines or put a `data:` prefix before the base64. What is none counts as absent. */
function readBase64(given: string | null): string | null {
  const plain = given && (readDataUri(given)?.base64 ?? given).replace(/\s+/g, '');
  return plain && isBase64(plain) ? plain : null;
}

/** Answered with success, yet not understood: the work was probably done, so nobody may send it again unasked. */
function unreadable(answer: HttpAnswer, what: string): WanImageError {
  return new WanImageError(`The server answered ${answer.status}, but its reply ${what}. ${IN_DOUBT}`, {
    kind: 'unreadable_reply',
    fault: 'server',
    outcome: 'unknown',
    status: answer.status,
    requestId: requestIdOf(answer.headers),
  });
}
