import type { GenerationOutcome } from '../contract/generation-record.ts';
import { redactText } from './redact.ts';
import { safeCause } from './safe-cause.ts';

/**
 * What happened.
 * - `invalid_request`: refused here by the contract; nothing was sent.
 * - `refused`: the server refused the request before any work.
 * - `authentication`: the server did not take the key.
 * - `content_refused`: moderation refused the prompt, an input or the result.
 * - `out_of_credit`: the account cannot pay, or its quota is used up.
 * - `rate_limited`: too many requests.
 * - `connection_failed`: no connection was ever made.
 * - `connection_lost`: the connection broke after the request had left: the answer could not be read to its end.
 * - `timed_out`: the time limit of the whole call was over, or the body of the answer stopped.
 * - `canceled`: the caller's signal.
 * - `server_failed`: the server answered 5xx, 408, 409 or with another status that does not refuse before any work.
 * - `unreadable_response`: an answer that was read to its end and is not of the contract.
 * - `download_failed`: an image was made and paid for, and could not be fetched from its URL.
 * - `sink_failed`: images arrived, and the caller's `sink` did not take them.
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
 * The setting to change, where one setting decides. A host without that setting words its own remedy from this.
 * - `allow_private_hosts`: a URL leads to a private network, which the option `allowPrivateHosts` permits.
 * - `raise_max_image_bytes`: an image is larger than the option `maxImageBytes`, whose value in bytes is `limit`.
 */
export type ErrorRemedy = 'allow_private_hosts' | 'raise_max_image_bytes';

/** Who has to act. */
export type ErrorFault = 'caller' | 'account' | 'server' | 'network';

export interface WanImageErrorFacts {
  readonly kind: ErrorKind;
  readonly fault: ErrorFault;
  /** Whether it was billed. `unknown` after anything that may have done work, `billed` where images had come. */
  readonly outcome: GenerationOutcome;
  /** Whether it certainly did no paid work and may do better later (ruling 17). */
  readonly retryable: boolean;
  /** How long the server asks to wait, in milliseconds. */
  readonly retryAfterMs: number | null;
  /** HTTP status; null where there was no answer. */
  readonly status: number | null;
  /** Headers of the answer by lower-case name, redacted; empty where there was none. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The vendor's words, as it gave them. */
  readonly type: string | null;
  readonly code: string | null;
  readonly param: string | null;
  readonly requestId: string | null;
  /** The setting to change; null where it is not one setting. `message` ends with it, `summary` does not. */
  readonly remedy: ErrorRemedy | null;
  /** The value that was exceeded, in the unit that `remedy` names; null where `remedy` has none. */
  readonly limit: number | null;
}

interface Attempts {
  /** How often the request reached out for the server. */
  readonly attempts: number;
}

/** An image that had arrived, and was paid for, before the failure. */
export interface ArrivedImage {
  readonly index: number;
  readonly url: string | null;
  readonly revisedPrompt: string | null;
  readonly inline: boolean;
  stream(): AsyncIterable<Uint8Array>;
  bytes(): Promise<Uint8Array>;
}

/** The remedy of every error with outcome `unknown`. */
export const IN_DOUBT = 'It may have been billed: check before you try again.';

/** How `message` words each remedy, in terms of this package's own options. */
const REMEDIES: Readonly<Record<ErrorRemedy, string>> = {
  allow_private_hosts: 'Set allowPrivateHosts to allow private networks.',
  raise_max_image_bytes: 'Raise maxImageBytes to accept larger images.',
};

const MARKER = Symbol.for('@wan-image/core/WanImageError');

const UNKNOWN_FACTS = {
  retryable: false,
  retryAfterMs: null,
  status: null,
  headers: {},
  type: null,
  code: null,
  param: null,
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

/** Headers that are credentials whatever they hold. */
const SECRET_HEADERS = new Set(['authorization', 'cookie', 'set-cookie', 'x-api-key', 'proxy-authorization']);

/**
 * The one error of this package. Its fields answer: what happened, whose fault, was it billed, may it be retried, after how long.
 * Never holds a credential or a data URI, in whichever way it is printed.
 */
export class WanImageError extends Error implements WanImageErrorFacts {
  override readonly name = 'WanImageError';
  readonly kind!: ErrorKind;
  readonly fault!: ErrorFault;
  readonly outcome!: GenerationOutcome;
  readonly retryable!: boolean;
  readonly retryAfterMs!: number | null;
  readonly status!: number | null;
  readonly headers!: Readonly<Record<string, string | undefined>>;
  readonly type!: string | null;
  readonly code!: string | null;
  readonly param!: string | null;
  readonly requestId!: string | null;
  readonly remedy!: ErrorRemedy | null;
  readonly limit!: number | null;
  readonly attempts!: number;
  /** `message` without the words for `remedy`. Not enumerable: `message` has it all. */
  readonly summary!: string;
  /** The images that had arrived before the failure. Not enumerable: they are no fact to print. */
  readonly images!: readonly ArrivedImage[];

  /** The message is `summary` and the words for `facts.remedy`. `secrets` are hidden wherever they stand, besides all that {@link redactText} knows by its form. */
  constructor(summary: string, facts: NewError, { cause, secrets = [], images = [] }: Attached = {}) {
    const redact = (text: string): string => redactText(text, { secrets });
    const safe = safeCause(cause, redact);
    const remedy = facts.remedy ? ` ${REMEDIES[facts.remedy]}` : '';
    super(redact(summary) + remedy, safe === undefined ? {} : { cause: safe });
    const all = { ...UNKNOWN_FACTS, ...facts };
    const words = { type: all.type, code: all.code, param: all.param, requestId: all.requestId };
    for (const [key, value] of Object.entries(words)) Object.assign(words, { [key]: value && redact(value) });
    Object.assign(this, all, words, { headers: safeHeaders(all.headers, redact) });
    Object.defineProperty(this, 'summary', { value: redact(summary), enumerable: false });
    Object.defineProperty(this, 'images', { value: images, enumerable: false });
    Object.defineProperty(this, MARKER, { value: true });
  }

  /** The same error with something changed or added. */
  with(change: Partial<WanImageErrorFacts & Attempts> & Attached & { readonly summary?: string }): WanImageError {
    const { summary = this.summary, secrets = [], images = this.images, cause = this.cause, ...facts } = change;
    return new WanImageError(summary, { ...this.#facts(), ...facts }, { cause, secrets, images });
  }

  /** The same error of a request that costs nothing, whatever happened to it. */
  ofFreeRequest(): WanImageError {
    return this.with({
      outcome: 'not_billed',
      summary: this.summary.replace(IN_DOUBT, 'Nothing was billed: try again.'),
    });
  }

  /** All that it says, for a log; without the cause. */
  toJSON(): WanImageErrorFacts & Attempts & { readonly name: string; readonly message: string } {
    return { name: this.name, message: this.message, ...this.#facts() };
  }

  #facts(): WanImageErrorFacts & Attempts {
    const { kind, fault, outcome, retryable, retryAfterMs, status, headers, type, code, param } = this;
    const { requestId, remedy, limit, attempts } = this;
    const response = { retryAfterMs, status, headers, type, code, param, requestId };
    return { kind, fault, outcome, retryable, ...response, remedy, limit, attempts };
  }
}

/** Works across two installed copies of the package, where `instanceof` does not. */
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
