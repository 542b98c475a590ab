import type { GenerationOutcome } from '../contract/generation-types.ts';
import { redactText } from './redact.ts';
import { safeCause } from './safe-cause.ts';

/**
 * What happened.
 * - `invalid_request`: the input breaks a rule of the contract; nothing was sent.
 * - `refused`: the server refused the request before any work.
 * - `authentication`: the server did not accept the API key.
 * - `content_refused`: content moderation refused the prompt, an input image or the result.
 * - `out_of_credit`: the account cannot pay, or its quota is exhausted.
 * - `rate_limited`: too many requests.
 * - `connection_failed`: no connection was made.
 * - `connection_lost`: the connection broke after the request was sent, before the end of the response.
 * - `timed_out`: the whole call took longer than `timeoutMs`, or the body of the response stalled for `idleTimeoutMs`.
 * - `canceled`: the `signal` of the call was aborted, or its stream was closed early.
 * - `server_failed`: the server responded with 5xx, 408, 409 or another status that does not exclude work.
 * - `unreadable_response`: the response was read completely, but does not match the contract.
 * - `download_failed`: an image was generated and paid for, but could not be downloaded from its URL.
 * - `sink_failed`: images arrived, but the `sink` of the call failed to read them.
 */
export type ErrorKind =
  | 'invalid_request'
  | 'refused'
  | 'authentication'
  | 'content_refused'
  | 'out_of_credit'
  | 'rate_limited'
  | 'connection_failed'
  | 'connection_lost'
  | 'timed_out'
  | 'canceled'
  | 'server_failed'
  | 'unreadable_response'
  | 'download_failed'
  | 'sink_failed';

/**
 * The option to change, if one option decides. A host that does not have the option words its own remedy.
 * - `allow_private_hosts`: a URL leads to a private network, which the option `allowPrivateHosts` permits.
 * - `raise_max_image_bytes`: an image is larger than the option `maxImageBytes`, whose value in bytes is `limit`.
 * - `raise_timeout`: the request took longer than the option `timeoutMs`, whose value in milliseconds is `limit`.
 * - `raise_idle_timeout`: no bytes came within the option `idleTimeoutMs`, whose value in milliseconds is `limit`.
 * - `check_base_url`: no connection could be made to the host of the option `baseUrl`.
 */
export type ErrorRemedy = keyof typeof REMEDIES;

/** Who can fix it: the code that calls, the owner of the account, the server, or the network. */
export type ErrorFault = 'caller' | 'account' | 'server' | 'network';

/** What a {@link WanImageError} says, as fields. */
export interface WanImageErrorFacts {
  /** What happened. */
  readonly kind: ErrorKind;
  /** Who can fix it. */
  readonly fault: ErrorFault;
  /** Whether the request was billed: `unknown` if the server may have done work, `billed` if images arrived. */
  readonly outcome: GenerationOutcome;
  /** Whether the request certainly did no paid work and may succeed later. Only such requests are retried: see `docs/contract.md`. */
  readonly retryable: boolean;
  /** How long the server asks to wait, in milliseconds; null if it does not say. */
  readonly retryAfterMs: number | null;
  /** HTTP status; null without a response. */
  readonly status: number | null;
  /** Headers of the response by lower-case name, redacted; empty without a response. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** `error.type` of the response, as the server sent it; null without one. */
  readonly type: string | null;
  /** `error.code` of the response, as the server sent it; null without one. */
  readonly code: string | null;
  /** The field at fault, such as `image[1]`: of the response, or of the input; null without one. */
  readonly param: string | null;
  /** The server's own message, redacted and without advice of this package; null if the response has none. */
  readonly serverMessage: string | null;
  /** The request id of the server, by which its support and its invoice can find the request. */
  readonly requestId: string | null;
  /** The option to change; null if no single option decides. `message` ends with it, `summary` does not. */
  readonly remedy: ErrorRemedy | null;
  /** The value of the exceeded option, in its unit; null if no option was exceeded. */
  readonly limit: number | null;
}

interface Attempts {
  /** Number of HTTP requests that were sent. */
  readonly attempts: number;
}

/** An image that arrived, and was paid for, before the failure. */
export interface ArrivedImage {
  /** Its index in the response, from 0. */
  readonly index: number;
  /** Its URL, which expires after 24 hours; null in a base64 response. */
  readonly url: string | null;
  /** The prompt that was used, if the model reports it. */
  readonly revisedPrompt: string | null;
  /** Whether the response contained its bytes; otherwise they are downloaded. */
  readonly inline: boolean;
  /** The bytes in chunks. */
  stream(): AsyncIterable<Uint8Array>;
  /** All bytes. */
  bytes(): Promise<Uint8Array>;
}

/** Part of the message of every error with outcome `unknown`. */
export const UNKNOWN_OUTCOME_ADVICE = 'It may have been billed: check before you try again.';

/** The words for each remedy in `message`, in terms of the options of this package. */
const REMEDIES = {
  allow_private_hosts: 'Set allowPrivateHosts to allow it.',
  raise_max_image_bytes: 'Raise maxImageBytes to accept it.',
  raise_timeout: 'Raise timeoutMs.',
  raise_idle_timeout: 'Raise idleTimeoutMs.',
  check_base_url: 'Check the base URL and the network.',
} as const;

const MARKER = Symbol.for('@wan-image/core/WanImageError');

const UNKNOWN_FACTS = {
  retryable: false,
  retryAfterMs: null,
  status: null,
  headers: {},
  type: null,
  code: null,
  param: null,
  serverMessage: null,
  requestId: null,
  remedy: null,
  limit: null,
  attempts: 0,
} as const;

type NewError = Pick<WanImageErrorFacts, 'kind' | 'fault' | 'outcome'> & Partial<WanImageErrorFacts & Attempts>;

interface Attached {
  readonly cause?: unknown;
  readonly secrets?: readonly string[];
  readonly images?: readonly ArrivedImage[];
}

/** Headers that are always credentials. */
const SECRET_HEADERS = new Set(['authorization', 'cookie', 'set-cookie', 'x-api-key', 'proxy-authorization']);

/**
 * The one error class of this package. Its fields say what happened (`kind`), who can fix it (`fault`), whether it was billed (`outcome`),
 * and whether and when to retry (`retryable`, `retryAfterMs`). It never contains a credential or a data URI, however it is printed.
 */
export class WanImageError extends Error implements WanImageErrorFacts {
  readonly #facts: WanImageErrorFacts & Attempts;
  /** Always `WanImageError`. */
  override readonly name = 'WanImageError';
  // `declare`, because the constructor assigns them: emitted fields would only grow every bundle. Described as in `WanImageErrorFacts`,
  // because editors do not show what an interface says of the members of a class.
  /** What happened. */
  declare readonly kind: ErrorKind;
  /** Who can fix it. */
  declare readonly fault: ErrorFault;
  /** Whether the request was billed: `unknown` if the server may have done work, `billed` if images arrived. */
  declare readonly outcome: GenerationOutcome;
  /** Whether the request certainly did no paid work and may succeed later. Only such requests are retried: see `docs/contract.md`. */
  declare readonly retryable: boolean;
  /** How long the server asks to wait, in milliseconds; null if it does not say. */
  declare readonly retryAfterMs: number | null;
  /** HTTP status; null without a response. */
  declare readonly status: number | null;
  /** Headers of the response by lower-case name, redacted; empty without a response. */
  declare readonly headers: Readonly<Record<string, string | undefined>>;
  /** `error.type` of the response, as the server sent it; null without one. */
  declare readonly type: string | null;
  /** `error.code` of the response, as the server sent it; null without one. */
  declare readonly code: string | null;
  /** The field at fault, such as `image[1]`: of the response, or of the input; null without one. */
  declare readonly param: string | null;
  /** The server's own message, redacted and without advice of this package; null if the response has none. */
  declare readonly serverMessage: string | null;
  /** The request id of the server, by which its support and its invoice can find the request. */
  declare readonly requestId: string | null;
  /** The option to change; null if no single option decides. `message` ends with it, `summary` does not. */
  declare readonly remedy: ErrorRemedy | null;
  /** The value of the exceeded option, in its unit; null if no option was exceeded. */
  declare readonly limit: number | null;
  /** Number of HTTP requests that were sent. */
  declare readonly attempts: number;
  /** `message` without the words for `remedy`. Not enumerable, because `message` contains it. */
  declare readonly summary: string;
  /** The images that arrived before the failure. Not enumerable, so that logs do not contain them. */
  declare readonly images: readonly ArrivedImage[];

  /** The message is `summary` and the words for `facts.remedy`. The values of `secrets` are redacted in every field. */
  constructor(summary: string, facts: NewError, { cause, secrets = [], images = [] }: Attached = {}) {
    const redact = (text: string): string => redactText(text, { secrets });
    const safe = safeCause(cause, redact);
    const remedy = facts.remedy ? ` ${REMEDIES[facts.remedy]}` : '';
    super(redact(summary) + remedy, safe === undefined ? {} : { cause: safe });
    const all = { ...UNKNOWN_FACTS, ...facts };
    const { type, code, param, serverMessage, requestId } = all;
    const words = { type, code, param, serverMessage, requestId };
    for (const [key, value] of Object.entries(words)) Object.assign(words, { [key]: value && redact(value) });
    this.#facts = { ...all, ...words, headers: safeHeaders(all.headers, redact) };
    Object.assign(this, this.#facts);
    Object.defineProperty(this, 'summary', { value: redact(summary), enumerable: false });
    Object.defineProperty(this, 'images', { value: images, enumerable: false });
    Object.defineProperty(this, MARKER, { value: true });
  }

  /** A copy of this error with the given changes. */
  with(change: Partial<WanImageErrorFacts & Attempts> & Attached & { readonly summary?: string }): WanImageError {
    const { summary = this.summary, secrets = [], images = this.images, cause = this.cause, ...facts } = change;
    return new WanImageError(summary, { ...this.#facts, ...facts }, { cause, secrets, images });
  }

  /** A copy of this error for a request that is free of charge, whatever happened to it. */
  asUnbilled(): WanImageError {
    return this.with({
      outcome: 'not_billed',
      summary: this.summary.replace(UNKNOWN_OUTCOME_ADVICE, 'Nothing was billed: try again.'),
    });
  }

  /** A copy of this error, which is free of charge, for a call of which an earlier attempt may have been billed. */
  afterUnknown(): WanImageError {
    return this.with({
      outcome: 'unknown',
      retryable: false,
      summary: `${this.summary} An earlier attempt may have been billed. ${UNKNOWN_OUTCOME_ADVICE}`,
    });
  }

  /** All facts, for a log: without `cause`, `images` and `summary`. */
  toJSON(): WanImageErrorFacts & Attempts & { readonly name: string; readonly message: string } {
    return { name: this.name, message: this.message, ...this.#facts };
  }
}

/** Works across two installed copies of the package, unlike `instanceof`. */
export function isWanImageError(value: unknown): value is WanImageError {
  return typeof value === 'object' && value !== null && MARKER in value;
}

function safeHeaders(
  headers: WanImageErrorFacts['headers'],
  redact: (text: string) => string,
): WanImageErrorFacts['headers'] {
  const entries = Object.entries(headers).map(([name, value]) => [
    name,
    SECRET_HEADERS.has(name.toLowerCase()) ? '[redacted]' : value === undefined ? undefined : redact(value),
  ]);
  return Object.fromEntries(entries) as WanImageErrorFacts['headers'];
}
