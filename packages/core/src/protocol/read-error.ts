import { hideSecrets, redactText } from '../errors/redact.ts';
import { UNKNOWN_OUTCOME_ADVICE, WanImageError, type WanImageErrorFacts } from '../errors/wan-image-error.ts';
import { parseJson } from './parse-json.ts';
import { proxyRefusal } from './proxy-refusal.ts';
import type { ResponseHead, Headers } from './response-head.ts';
import { retryAfterMs } from './retry-after.ts';

/** The fields of an error body in any of its known forms (ruling 15). */
interface ErrorFields {
  readonly message: string | null;
  readonly type: string | null;
  readonly code: string | null;
  readonly param: string | null;
  readonly requestId: string | null;
}

const NO_FIELDS: ErrorFields = { message: null, type: null, code: null, param: null, requestId: null };

const CONTENT_REFUSED = new Set([
  'data_inspection_failed',
  'datainspectionfailed',
  'ipinfringementsuspect',
  'sensitive_words_detected',
]);
const OUT_OF_CREDIT = new Set(['arrearage', 'insufficient_user_quota', 'insufficient_quota']);
const QUOTA_EXHAUSTED = 'throttling.allocationquota';

/** How many problems of a list are read. */
const MAX_PROBLEMS = 10;

/** Redirects that ask to send the request elsewhere, before any work. A 302 or 303 may also mean that the work is done. */
const REDIRECTS = new Set([301, 307, 308]);

/** Statuses that refuse a request before any work (ruling 16 and equivalents). Every other one leaves the outcome unknown. */
const REFUSALS = new Set([
  400, 401, 402, 403, 404, 405, 406, 410, 411, 412, 413, 414, 415, 416, 417, 421, 422, 426, 428, 431, 451,
]);

/** Codes of a refused request, whatever the status. */
const REFUSED = /^(invalid|badrequest|modelnotfound|unsupported)/;

/** Reads `{error: {…}}`, `{error: "…"}`, `{code, message, request_id}`, `{detail}`, a JSON string, plain text, HTML and an empty body. */
function readErrorFields(text: string): ErrorFields {
  const json = parseJson(text);
  if (json === undefined) return { ...NO_FIELDS, message: plainMessage(text), requestId: requestIdIn(text) };
  if (typeof json === 'string') return { ...NO_FIELDS, message: json, requestId: requestIdIn(json) };
  if (!isObject(json)) return NO_FIELDS;
  const error = json['error'];
  if (typeof error === 'string') return { ...NO_FIELDS, message: error, requestId: requestIdIn(error) };
  const fields = isObject(error) ? error : json;
  const message = textOf(fields['message']) ?? detailOf(json['detail']);
  return {
    message,
    type: textOf(fields['type']),
    code: textOf(fields['code']),
    param: textOf(fields['param']),
    requestId: textOf(fields['request_id']) ?? textOf(json['request_id']) ?? requestIdIn(message ?? ''),
  };
}

/** FastAPI's `detail`: a text, or a list of problems, each with `msg` and the path of its field (`loc`). */
function detailOf(detail: unknown): string | null {
  if (!Array.isArray(detail)) return isObject(detail) ? textOf(detail['message']) : textOf(detail);
  const problems = detail.slice(0, MAX_PROBLEMS).flatMap((problem) => {
    if (!isObject(problem)) return textOf(problem) ?? [];
    const text = textOf(problem['msg']);
    if (text === null) return [];
    return Array.isArray(problem['loc']) ? `${problem['loc'].map(textOf).join('.')}: ${text}` : text;
  });
  return problems.length === 0 ? null : problems.join('; ');
}

/** Whether the body of a response with status 200 is an error (ruling 15). */
export function isErrorBody(json: unknown): boolean {
  if (!isObject(json) || (Array.isArray(json['data']) && json['data'].length > 0)) return false;
  return (
    isObject(json['error']) ||
    typeof json['error'] === 'string' ||
    (textOf(json['code']) !== null && textOf(json['message']) !== null)
  );
}

export function requestIdOf(headers: Headers): string | null {
  return headers['x-request-id'] ?? headers['x-oneapi-request-id'] ?? null;
}

/** The error of a response. With status 200, the code of the error body decides alone. */
export function errorFromResponse(response: ResponseHead, text: string, now: number): WanImageError {
  return errorWith(response, text, now, true);
}

/** The error of a response of an image host. The remedies of a generation do not apply to a download. */
export function errorFromStorage(response: ResponseHead, text: string, now: number): WanImageError {
  return errorWith(response, text, now, false);
}

function errorWith(
  { status, headers, secrets = [] }: ResponseHead,
  text: string,
  now: number,
  hasRemedy: boolean,
): WanImageError {
  const refusal = proxyRefusal(status, headers);
  const read = readErrorFields(hideSecrets(text, secrets));
  const fields = refusal === null ? read : { ...read, message: refusal.message };
  const verdict =
    refusal === null
      ? verdictOf(status, (fields.code ?? fields.type ?? '').toLowerCase(), isUnknownRoute(status, fields))
      : notBilled('connection_failed', 'network', 'Nothing was sent: check the proxy settings.', refusal.retryable);
  const requestId = requestIdOf(headers) ?? fields.requestId;
  const message =
    fields.message ?? `HTTP ${status} with ${text.trim() === '' ? 'an empty body' : 'no readable message'}`;
  // Truncated here, so that a long message of the vendor does not cut off the remedy after it.
  const sentence = redactText(message, { secrets }).replace(/[.。\s]+$/, '');
  const facts = { ...verdict.facts, retryAfterMs: retryAfterMs(headers, now), status, headers, requestId };
  const { type, code, param } = fields;
  const serverMessage = fields.message === null ? null : redactText(fields.message, { secrets });
  // A history service passes on the message of its upstream, which ends with the same advice.
  const needsRemedy = hasRemedy && !`${sentence}.`.includes(verdict.remedy);
  return new WanImageError(
    needsRemedy ? `${sentence}. ${verdict.remedy}` : `${sentence}.`,
    { ...facts, type, code, param, serverMessage },
    { secrets },
  );
}

interface Verdict {
  readonly facts: Pick<WanImageErrorFacts, 'kind' | 'fault' | 'outcome' | 'retryable'>;
  readonly remedy: string;
}

/** Classifies an error (ruling 16). The code takes precedence, because hosts send it with different statuses. */
function verdictOf(status: number, code: string, isUnknownUrl: boolean): Verdict {
  if (REDIRECTS.has(status)) {
    return notBilled(
      'refused',
      'caller',
      'The server redirects, and redirects are not followed: set baseUrl to the target.',
    );
  }
  if (CONTENT_REFUSED.has(code)) {
    return notBilled(
      'content_refused',
      'caller',
      'Moderation refused the request: change the prompt or the input image.',
    );
  }
  if (OUT_OF_CREDIT.has(code) || code === QUOTA_EXHAUSTED || status === 402) {
    return notBilled(
      'out_of_credit',
      'account',
      'The account cannot pay for the request: add credit or raise its quota.',
    );
  }
  if (status === 429 || (code.startsWith('throttling') && !mayHaveDoneWork(status))) {
    return notBilled('rate_limited', 'account', 'Too many requests: wait and try again.', true);
  }
  if (status === 401 || status === 403 || code === 'invalidapikey' || code === 'accessdenied') {
    return notBilled('authentication', 'account', 'Check the API key and its permissions.');
  }
  if (isUnknownUrl) {
    return notBilled('refused', 'caller', 'The base URL is not that of an image API: enter the part before /v1.');
  }
  const paid = status === 410 ? PAID_BEFORE.get(code) : undefined;
  if (paid !== undefined) return paid;
  const refused = status < 300 ? REFUSED.test(code) : REFUSALS.has(status);
  return refused ? notBilled('refused', 'caller', 'Change the request.') : FAILED;
}

/** Statuses after which the server may have done work (ruling 17), whatever the code. */
function mayHaveDoneWork(status: number): boolean {
  return status >= 500 || status === 408 || status === 409;
}

/** Whether the URL leads to no route of an API. An API that knows the route names a code, such as that of an unknown model. */
function isUnknownRoute(status: number, { code, message }: ErrorFields): boolean {
  if (status !== 404 && status !== 405) return false;
  return code === null || /^No such route\b/.test(message ?? '');
}

const FAILED: Verdict = {
  facts: { kind: 'server_failed', fault: 'server', outcome: 'unknown', retryable: false },
  remedy: UNKNOWN_OUTCOME_ADVICE,
};

/** What a history service says of an earlier request with the same key, whose response cannot be repeated: that one was paid for, or may have been. */
const PAID_BEFORE: ReadonlyMap<string, Verdict> = new Map<string, Verdict>([
  [
    'image_lost',
    {
      facts: { kind: 'refused', fault: 'caller', outcome: 'billed', retryable: false },
      remedy: 'To generate others, use a new idempotency key.',
    },
  ],
  [
    'generation_deleted',
    {
      facts: { kind: 'refused', fault: 'caller', outcome: 'unknown', retryable: false },
      remedy: UNKNOWN_OUTCOME_ADVICE,
    },
  ],
]);

function notBilled(
  kind: Verdict['facts']['kind'],
  fault: Verdict['facts']['fault'],
  remedy: string,
  retryable = false,
): Verdict {
  return { facts: { kind, fault, outcome: 'not_billed', retryable }, remedy };
}

/** Control characters, and what a decoder writes for bytes that are no text: neither is in a message. */
const BINARY = /[^\P{Cc}\s]|\ufffd/u;

/** The title of an HTML page, or the beginning of another text. Null if it is not text. */
function plainMessage(text: string): string | null {
  if (BINARY.test(text.slice(0, 4000))) return null;
  const title = /<title[^>]*>([^<]*)<\/title>/i.exec(text.slice(0, 4000))?.[1];
  if (title !== undefined || /^\s*</.test(text))
    return `A web page instead of JSON${title ? ` (${title.trim()})` : ''}`;
  const message = text.trim().slice(0, 300);
  return message === '' ? null : message;
}

function requestIdIn(message: string): string | null {
  return /\(request id: ([^)\s]+)\)/i.exec(message.slice(0, 4000))?.[1] ?? null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | null {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : null;
}
