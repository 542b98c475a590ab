import { hideSecrets, redactText } from '../errors/redact.ts';
import { UNKNOWN_OUTCOME_ADVICE, WanImageError, type WanImageErrorFacts } from '../errors/wan-image-error.ts';
import { parseJson } from './parse-json.ts';
import type { ResponseHead, Headers } from './response-head.ts';
import { retryAfterMs } from './retry-after.ts';

/** What a failure body says, in whichever of the known forms (ruling 15) it came. */
interface ErrorWords {
  readonly message: string | null;
  readonly type: string | null;
  readonly code: string | null;
  readonly param: string | null;
  readonly requestId: string | null;
}

const NO_WORDS: ErrorWords = { message: null, type: null, code: null, param: null, requestId: null };

const CONTENT_REFUSED = new Set([
  'data_inspection_failed',
  'datainspectionfailed',
  'ipinfringementsuspect',
  'sensitive_words_detected',
]);
const OUT_OF_CREDIT = new Set(['arrearage', 'insufficient_user_quota', 'insufficient_quota']);
const HOPELESS_THROTTLING = 'throttling.allocationquota';

/** Before any work: it would have to be asked for anew elsewhere. A 302 or 303 may also say that the work is done. */
const REDIRECTS = new Set([301, 307, 308]);

/** Statuses that refuse a request before any work (ruling 16, and those that say as much). What is not here leaves a doubt. */
const REFUSALS = new Set([
  400, 401, 402, 403, 404, 405, 406, 410, 411, 412, 413, 414, 415, 416, 417, 421, 422, 426, 428, 431, 451,
]);

/** Codes that say the request was looked at and refused, whatever the status. */
const REFUSED = /^(invalid|badrequest|modelnotfound|unsupported)/;

/** The error body as JSON if it is that, else as text. `{error: {...}}`, `{error: "…"}`, `{code, message, request_id}`, a string, HTML, nothing. */
function readErrorWords(text: string): ErrorWords {
  const json = parseJson(text);
  if (json === undefined) return { ...NO_WORDS, message: plainMessage(text), requestId: requestIdIn(text) };
  if (typeof json === 'string') return { ...NO_WORDS, message: json, requestId: requestIdIn(json) };
  if (!isObject(json)) return NO_WORDS;
  const error = json['error'];
  if (typeof error === 'string') return { ...NO_WORDS, message: error, requestId: requestIdIn(error) };
  const words = isObject(error) ? error : json;
  const message = textOf(words['message']);
  return {
    message,
    type: textOf(words['type']),
    code: textOf(words['code']),
    param: textOf(words['param']),
    requestId: textOf(words['request_id']) ?? textOf(json['request_id']) ?? requestIdIn(message ?? ''),
  };
}

/** Whether a JSON value that came under status 200 is an error after all (ruling 15). */
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

/** The error that an answer stands for. An error body under status 200 is judged by its code alone. */
export function errorFromResponse(response: ResponseHead, text: string, now: number): WanImageError {
  return errorWith(response, text, now, true);
}

/** The same of the answer of a store of images: what is to be done about a request for new ones does not help there. */
export function errorFromStorage(response: ResponseHead, text: string, now: number): WanImageError {
  return errorWith(response, text, now, false);
}

function errorWith(
  { status, headers, secrets = [] }: ResponseHead,
  text: string,
  now: number,
  hasRemedy: boolean,
): WanImageError {
  const words = readErrorWords(hideSecrets(text, secrets));
  const verdict = verdictOf(status, (words.code ?? words.type ?? '').toLowerCase());
  const requestId = requestIdOf(headers) ?? words.requestId;
  const said = words.message ?? `HTTP ${status} with ${text.trim() === '' ? 'an empty body' : 'no readable message'}`;
  // Cut here, so that a vendor's long words do not cost ours at the end.
  const sentence = redactText(said, { secrets }).replace(/[.。\s]+$/, '');
  const facts = { ...verdict.facts, retryAfterMs: retryAfterMs(headers, now), status, headers, requestId };
  const { type, code, param } = words;
  return new WanImageError(
    hasRemedy ? `${sentence}. ${verdict.remedy}` : `${sentence}.`,
    { ...facts, type, code, param },
    { secrets },
  );
}

interface Verdict {
  readonly facts: Pick<WanImageErrorFacts, 'kind' | 'fault' | 'outcome' | 'retryable'>;
  readonly remedy: string;
}

/** Whose fault decides what a caller does (ruling 16). The code comes first: hosts differ in the status they put around it. */
function verdictOf(status: number, code: string): Verdict {
  if (REDIRECTS.has(status)) {
    return notBilled(
      'refused',
      'caller',
      'The server redirects, which is not followed: set baseUrl to where it leads.',
    );
  }
  if (CONTENT_REFUSED.has(code)) {
    return notBilled('content_refused', 'caller', 'Moderation refused it: change the prompt or the input image.');
  }
  if (OUT_OF_CREDIT.has(code) || code === HOPELESS_THROTTLING || status === 402) {
    return notBilled('out_of_credit', 'account', 'The account cannot pay for it: add credit or raise its quota.');
  }
  if (status === 429 || (code.startsWith('throttling') && !leavesInDoubt(status))) {
    return notBilled('rate_limited', 'account', 'Too many requests: wait and try again.', true);
  }
  if (status === 401 || status === 403 || code === 'invalidapikey' || code === 'accessdenied') {
    return notBilled('authentication', 'account', 'Check the API key and what it may do.');
  }
  const refused = status < 300 ? REFUSED.test(code) : REFUSALS.has(status);
  return refused ? notBilled('refused', 'caller', 'Change the request.') : FAILED;
}

/** Work may have been done (ruling 17), whatever the code says. */
function leavesInDoubt(status: number): boolean {
  return status >= 500 || status === 408 || status === 409;
}

const FAILED: Verdict = {
  facts: { kind: 'server_failed', fault: 'server', outcome: 'unknown', retryable: false },
  remedy: UNKNOWN_OUTCOME_ADVICE,
};

function notBilled(
  kind: Verdict['facts']['kind'],
  fault: Verdict['facts']['fault'],
  remedy: string,
  retryable = false,
): Verdict {
  return { facts: { kind, fault, outcome: 'not_billed', retryable }, remedy };
}

/** Of an HTML page its title, of other text its beginning. */
function plainMessage(text: string): string | null {
  const title = /<title[^>]*>([^<]*)<\/title>/i.exec(text.slice(0, 4000))?.[1];
  if (title !== undefined || /^\s*</.test(text))
    return `A web page instead of JSON${title ? ` (${title.trim()})` : ''}`;
  const words = text.trim().slice(0, 300);
  return words === '' ? null : words;
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
