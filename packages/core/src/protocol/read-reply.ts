import { upstreamReply } from '../contract/generation-reply.ts';
import { WanImageError } from '../errors/wan-image-error.ts';
import { isBase64 } from '../images/base64.ts';
import { readDataUri } from '../images/data-uri.ts';
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
  const json = parseJson(answer);
  if (isErrorBody(json)) throw errorFromAnswer(status, headers, text, now);
  const parsed = upstreamReply.safeParse(json);
  if (!parsed.success) throw unreadable(answer, 'has no list of pictures in "data"');
  const { created, data, ...extra } = parsed.data;
  const images = data.map((image, index) => readImage(image, index, answer));
  if (images.length === 0) throw unreadable(answer, 'holds no picture');
  return {
    created: created ?? null,
    images,
    extra,
    requestId: requestIdOf(headers),
    generationId: headers['x-generation-id'] ?? null,
  };
}

interface RawImage {
  readonly url?: string | null | undefined;
  readonly b64_json?: string | null | undefined;
  readonly revised_prompt?: string | null | undefined;
}

function readImage(raw: RawImage, index: number, answer: HttpAnswer): ReplyImage {
  const url = raw.url || null;
  const base64 = raw.b64_json ? readBase64(raw.b64_json, index, answer) : null;
  if (url === null && base64 === null) throw unreadable(answer, `has neither url nor b64_json in data[${index}]`);
  return { url, base64, revisedPrompt: raw.revised_prompt || null };
}

/** Some hosts wrap lines or put a `data:` prefix before the base64. */
function readBase64(given: string, index: number, answer: HttpAnswer): string {
  const plain = (readDataUri(given)?.base64 ?? given).replace(/\s+/g, '');
  if (!isBase64(plain)) throw unreadable(answer, `has broken base64 in data[${index}].b64_json`);
  return plain;
}

function parseJson(answer: HttpAnswer): unknown {
  try {
    return JSON.parse(answer.text) as unknown;
  } catch (cause) {
    const what = answer.text.trim() === '' ? 'is empty' : 'is not JSON';
    throw unreadable(answer, what, cause);
  }
}

/** Answered with success, yet not understood: the work was probably done, so nobody may send it again unasked. */
function unreadable(answer: HttpAnswer, what: string, cause?: unknown): WanImageError {
  return new WanImageError(
    `The server answered ${answer.status}, but its reply ${what}. It may have been billed: check before you try again.`,
    {
      kind: 'unreadable_reply',
      fault: 'server',
      outcome: 'unknown',
      status: answer.status,
      requestId: requestIdOf(answer.headers),
    },
    { cause },
  );
}
