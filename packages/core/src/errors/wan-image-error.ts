import type { GenerationOutcome } from '../contract/generation-record.ts';
import { redactText } from './redact.ts';

/**
 * What happened.
 * - `invalid_request`: refused here by the contract; nothing was sent.
 * - `refused`: the server refused the request before any work.
 * - `authentication`: the server did not take the key.
 * - `content_refused`: moderation refused the prompt, an input or the result.
 * - `out_of_credit`: the account cannot pay, or its quota is used up.
 * - `rate_limited`: too many requests.
 * - `connection_failed`: no connection was ever made.
 * - `connection_lost`: the connection broke after the request had left.
 * - `timed_out`: the time limit of the whole call was over.
 * - `canceled`: the caller's signal.
 * - `server_failed`: the server answered 5xx, 408 or 409.
 * - `unreadable_reply`: an answer that is not of the contract.
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
  | 'unreadable_reply';

/** Who has to act. */
export type ErrorFault = 'caller' | 'account' | 'server' | 'network';

export interface WanImageErrorFacts {
  readonly kind: ErrorKind;
  readonly fault: ErrorFault;
  /** Whether it was billed. `unknown` after anything that may have done work. */
  readonly outcome: GenerationOutcome;
  /** Whether it certainly did no work and may do better later (ruling 17). */
  readonly retryable: boolean;
  /** How long the server asks to wait, in milliseconds. */
  readonly retryAfterMs: number | null;
  /** HTTP status; null where there was no answer. */
  readonly status: number | null;
  /** The vendor's words, as it gave them. */
  readonly type: string | null;
  readonly code: string | null;
  readonly param: string | null;
  readonly requestId: string | null;
}

/** How often the request reached out for the server. */
interface Attempts {
  readonly attempts: number;
}

/** The remedy of every error with outcome `unknown`. */
export const IN_DOUBT = 'It may have been billed: check before you try again.';

const MARKER = Symbol.for('@wan-image/core/WanImageError');

const UNKNOWN_FACTS = {
  retryable: false,
  retryAfterMs: null,
  status: null,
  type: null,
  code: null,
  param: null,
  requestId: null,
} as const;

type NewError = Pick<WanImageErrorFacts, 'kind' | 'fault' | 'outcome'> & Partial<WanImageErrorFacts>;

/**
 * The one error of this package. Its fields answer: what happened, whose fault, was it billed, may it be retried, after how long.
 * Never holds a credential or a data URI.
 */
export class WanImageError extends Error {
  override readonly name = 'WanImageError';
  readonly kind: ErrorKind;
  readonly fault: ErrorFault;
  readonly outcome: GenerationOutcome;
  readonly retryable: boolean;
  readonly retryAfterMs: number | null;
  readonly status: number | null;
  readonly type: string | null;
  readonly code: string | null;
  readonly param: string | null;
  readonly requestId: string | null;
  readonly attempts: number;

  constructor(message: string, facts: NewError & Partial<Attempts>, options?: { cause?: unknown }) {
    super(redactText(message), options);
    const all = { ...UNKNOWN_FACTS, ...facts };
    this.kind = all.kind;
    this.fault = all.fault;
    this.outcome = all.outcome;
    this.retryable = all.retryable;
    this.retryAfterMs = all.retryAfterMs;
    this.status = all.status;
    this.type = all.type;
    this.code = all.code;
    this.param = all.param;
    this.requestId = all.requestId;
    this.attempts = facts.attempts ?? 0;
    // Not enumerable: a marker is no fact to print.
    Object.defineProperty(this, MARKER, { value: true });
  }

  /** The same error, with the number of attempts that led to it. */
  withAttempts(attempts: number): WanImageError {
    return new WanImageError(this.message, { ...this.#facts(), attempts }, { cause: this.cause });
  }

  /** The same error of a request that costs nothing, whatever happened to it. */
  ofFreeRequest(): WanImageError {
    const message = this.message.replace(IN_DOUBT, 'Nothing was billed: try again.');
    const facts = { ...this.#facts(), outcome: 'not_billed', attempts: this.attempts } as const;
    return new WanImageError(message, facts, { cause: this.cause });
  }

  #facts(): WanImageErrorFacts {
    const { kind, fault, outcome, retryable, retryAfterMs, status, type, code, param, requestId } = this;
    return { kind, fault, outcome, retryable, retryAfterMs, status, type, code, param, requestId };
  }
}

/** Works across two installed copies of the package, where `instanceof` does not. */
export function isWanImageError(value: unknown): value is WanImageError {
  return typeof value === 'object' && value !== null && MARKER in value;
}
