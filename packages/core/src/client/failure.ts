import {
  isWanImageError,
  UNKNOWN_OUTCOME_ADVICE,
  WanImageError,
  type WanImageErrorFacts,
} from '../errors/wan-image-error.ts';
import { messageOf } from '../errors/safe-cause.ts';
import type { ResponseHead } from '../protocol/response-head.ts';
import { requestIdOf } from '../protocol/read-error.ts';
import type { Operation } from '../protocol/build-request.ts';
import { isTransportError } from '../transport/transport.ts';
import type { StopReason } from './time-limit.ts';

/** How much of the response an attempt received. */
export interface Progress {
  /** Null until the headers arrive. */
  head: ResponseHead | null;
  /** Bytes of the body. */
  bytes: number;
  /** Complete images that were delivered. */
  images: number;
  /** Whether images arrived that could not be delivered. They are paid for too. */
  hasLostImages: boolean;
}

/** Whether and why this side ended the attempt. */
export interface Stop {
  readonly reason: StopReason | null;
  /** The reason that the caller passed to `abort()`. */
  readonly cause: unknown;
  /** The timeout that applies to the reason, in milliseconds. */
  readonly limitMs: number;
}

/** Converts any failure of an attempt to the one error class of this package. */
export function toWanImageError(
  cause: unknown,
  stop: Stop,
  progress: Progress,
  { url, secrets }: { readonly url: string; readonly secrets: readonly string[] },
): WanImageError {
  const { head, images, bytes, hasLostImages } = progress;
  const named = nameFailure(cause, stop, progress, { host: hostOf(url), secrets });
  // The request id of an incomplete response is what finds it on an invoice.
  const error = named.status === null && head !== null ? named.with(factsOf(head)) : named;
  if (images === 0 && !hasLostImages) return error;
  const billed = error.with({ summary: withoutAdvice(error.summary), outcome: 'billed', retryable: false });
  if (images === 0) return billed;
  const fate = images === 1 ? 'It was paid for and is not lost.' : 'They were paid for and are not lost.';
  const received = `Complete images received: ${images} (${bytes} bytes of the response). ${fate}`;
  return billed.with({ summary: `${billed.summary} ${received}` });
}

function withoutAdvice(summary: string): string {
  return summary.replace(` ${UNKNOWN_OUTCOME_ADVICE}`, '');
}

function factsOf({ status, headers }: ResponseHead): Partial<WanImageErrorFacts> {
  return { status, headers, requestId: requestIdOf(headers) };
}

function nameFailure(
  cause: unknown,
  stop: Stop,
  { head, bytes }: Progress,
  { host, secrets }: { readonly host: string; readonly secrets: readonly string[] },
): WanImageError {
  if (isWanImageError(cause)) return cause;
  const where = head === null ? 'before a response arrived' : `after ${bytes} bytes of the response`;
  const neverConnected = isTransportError(cause) && !cause.connected;
  if (stop.reason !== null) {
    const error = stopped(stop.reason, stop.limitMs, where, { cause: stop.cause ?? cause, secrets });
    return neverConnected ? error.asUnbilled() : error;
  }
  const what = messageOf(cause);
  if (neverConnected) {
    return new WanImageError(
      `${cause.refused ? '' : host}${what}. Nothing was sent.`,
      {
        ...(cause.refused ? {} : { remedy: 'check_base_url' }),
        kind: 'connection_failed',
        fault: cause.refused ? 'caller' : 'network',
        outcome: 'not_billed',
        retryable: !cause.refused,
      },
      { cause, secrets },
    );
  }
  return new WanImageError(
    `${host}${what} ${where}. ${UNKNOWN_OUTCOME_ADVICE}`,
    { kind: 'connection_lost', fault: 'network', outcome: 'unknown' },
    { cause, secrets },
  );
}

/** Host and port, to begin a sentence; empty without a valid URL. Never the user, the password or the query. */
function hostOf(url: string): string {
  if (!URL.canParse(url)) return '';
  const { hostname, port, protocol } = new URL(url);
  return `${hostname}:${port || (protocol === 'https:' ? 443 : 80)}: `;
}

function stopped(
  reason: StopReason,
  limitMs: number,
  where: string,
  attached: { readonly cause: unknown; readonly secrets: readonly string[] },
): WanImageError {
  const seconds = `${limitMs / 1000} s`;
  const [what, remedy] = (
    {
      timed_out: [`The request timed out after ${seconds},`, 'raise_timeout'],
      idle: [`The server sent nothing for ${seconds},`, 'raise_idle_timeout'],
      canceled: ['The request was canceled', null],
    } as const
  )[reason];
  return new WanImageError(
    `${what} ${where}. ${UNKNOWN_OUTCOME_ADVICE}`,
    remedy === null
      ? { kind: 'canceled', fault: 'caller', outcome: 'unknown' }
      : { kind: 'timed_out', fault: 'network', outcome: 'unknown', remedy, limit: limitMs },
    attached,
  );
}

export function canceledBeforeSending(cause: unknown, secrets: readonly string[]): WanImageError {
  return new WanImageError(
    'The request was canceled before it was sent.',
    { kind: 'canceled', fault: 'caller', outcome: 'not_billed' },
    { cause, secrets },
  );
}

/** The error of a stream that its reader closed early. There is no caller to throw it to, but hooks report it. */
export function closedEarly(): WanImageError {
  return new WanImageError(`The stream was closed before its end. ${UNKNOWN_OUTCOME_ADVICE}`, {
    kind: 'canceled',
    fault: 'caller',
    outcome: 'unknown',
  });
}

/** Adjusts an error to its operation: only generations are billed, and a download is of an image that already was. */
export function forOperation(error: WanImageError, operation: Operation): WanImageError {
  if (operation === 'download') return asDownloadFailure(error);
  const isPaid = operation === 'generate' || operation === 'submit' || operation === 'rerun';
  // The state of a record does not allow the action, such as to make again what is in the bin. A retry does not change that.
  if (error.status === 409 && (!isPaid || error.code === 'generation_deleted'))
    return error.with({
      summary: withoutAdvice(error.summary),
      kind: 'refused',
      fault: 'caller',
      outcome: 'not_billed',
    });
  if (isPaid) return error;
  return error.asUnbilled().with({ retryable: isTransient(error) });
}

/** Statuses that may change with a retry: the image is not stored yet, or its host is busy. */
const TRANSIENT = new Set([404, 408, 409, 425, 429, 500, 502, 503, 504]);

/** Whether a request that is free of charge may succeed later. */
function isTransient({ kind, status, retryable }: WanImageError): boolean {
  if (retryable || kind === 'connection_lost' || kind === 'timed_out') return true;
  return kind === 'server_failed' && status !== null && TRANSIENT.has(status);
}

function asDownloadFailure(error: WanImageError): WanImageError {
  const { kind, fault, status } = error;
  const why = withoutAdvice(error.summary).replace(/[.\s]+$/, '');
  // A transport refuses a download only if its URL leads to a private network.
  const isPrivate = kind === 'connection_failed' && fault === 'caller';
  return error.with({
    summary: `The image was generated, but could not be downloaded: ${why}. Retry its URL, which expires after 24 hours on AnyFast.`,
    kind: kind === 'timed_out' || kind === 'canceled' ? kind : 'download_failed',
    outcome: 'billed',
    remedy: isPrivate ? 'allow_private_hosts' : error.remedy === 'check_base_url' ? null : error.remedy,
    retryable: isTransient(error) || (kind === 'refused' && status !== null && TRANSIENT.has(status)),
  });
}
