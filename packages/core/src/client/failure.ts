import { IN_DOUBT, isWanImageError, WanImageError, type WanImageErrorFacts } from '../errors/wan-image-error.ts';
import { wordsOf } from '../errors/safe-cause.ts';
import type { ResponseHead } from '../protocol/response-head.ts';
import { requestIdOf } from '../protocol/read-error.ts';
import type { Operation } from '../protocol/build-request.ts';
import { isTransportError } from '../transport/transport.ts';
import type { StopReason } from './time-limit.ts';

/** How far an attempt came. */
export interface Progress {
  /** What came before the body of the answer; null before there was one. */
  head: ResponseHead | null;
  /** Bytes of its body that had come. */
  bytes: number;
  /** Whole images that were handed out. */
  images: number;
  /** Whether images came that were not handed out, and so are paid for all the same. */
  lost: boolean;
}

/** What an attempt was stopped by, if it was stopped from this side. */
export interface Stop {
  readonly reason: StopReason | null;
  /** What the caller gave as the reason of its abort. */
  readonly cause: unknown;
}

/** Whatever broke an attempt, as the one error of this package. */
export function toWanImageError(
  cause: unknown,
  stop: Stop,
  progress: Progress,
  secrets: readonly string[],
): WanImageError {
  const { head, images, bytes, lost } = progress;
  const named = nameFailure(cause, stop, progress, secrets);
  // Even of an answer that broke the request id is what a bill can be found by.
  const error = named.status === null && head !== null ? named.with(factsOf(head)) : named;
  if (images === 0 && !lost) return error;
  const known = error.with({ summary: error.summary.replace(` ${IN_DOUBT}`, ''), outcome: 'billed', retryable: false });
  if (images === 0) return known;
  const had = `${images === 1 ? 'One whole image' : `${images} whole images`} (${bytes} bytes of the reply)`;
  return known.with({ summary: `${known.summary} ${had} had come: they were paid for and are not lost.` });
}

function factsOf({ status, headers }: ResponseHead): Partial<WanImageErrorFacts> {
  return { status, headers, requestId: requestIdOf(headers) };
}

function nameFailure(cause: unknown, stop: Stop, { head, bytes }: Progress, secrets: readonly string[]): WanImageError {
  if (isWanImageError(cause)) return cause;
  const where = head === null ? 'while the request was under way' : `after ${bytes} bytes of the answer`;
  const neverConnected = isTransportError(cause) && !cause.connected;
  if (stop.reason !== null) {
    const error = stopped(stop.reason, where, { cause: stop.cause ?? cause, secrets });
    return neverConnected ? error.ofFreeRequest() : error;
  }
  const what = wordsOf(cause);
  if (neverConnected) {
    const remedy = cause.refused ? '' : ': check the base URL and the network';
    return new WanImageError(
      `${what}. Nothing was sent${remedy}.`,
      {
        kind: 'connection_failed',
        fault: cause.refused ? 'caller' : 'network',
        outcome: 'not_billed',
        retryable: !cause.refused,
      },
      { cause, secrets },
    );
  }
  return new WanImageError(
    `${what} ${where}. ${IN_DOUBT}`,
    { kind: 'connection_lost', fault: 'network', outcome: 'unknown' },
    { cause, secrets },
  );
}

const STOPPED = {
  timed_out: { what: 'The time limit of the call was over', kind: 'timed_out', fault: 'network' },
  silent: { what: 'The server fell silent', kind: 'timed_out', fault: 'network' },
  canceled: { what: 'The call was canceled', kind: 'canceled', fault: 'caller' },
} as const;

function stopped(
  reason: StopReason,
  where: string,
  attached: { readonly cause: unknown; readonly secrets: readonly string[] },
): WanImageError {
  const { what, kind, fault } = STOPPED[reason];
  return new WanImageError(`${what} ${where}. ${IN_DOUBT}`, { kind, fault, outcome: 'unknown' }, attached);
}

export function neverSent(cause: unknown, secrets: readonly string[]): WanImageError {
  return new WanImageError(
    'The call was canceled before anything was sent.',
    { kind: 'canceled', fault: 'caller', outcome: 'not_billed' },
    { cause, secrets },
  );
}

/** A caller that stops reading ends its call; there is nobody left to throw to, but hooks want to know. */
export function leftEarly(): WanImageError {
  return new WanImageError(`The caller stopped reading. ${IN_DOUBT}`, {
    kind: 'canceled',
    fault: 'caller',
    outcome: 'unknown',
  });
}

/** Only new images are paid for; a download is of one that was. */
export function ofOperation(error: WanImageError, operation: Operation): WanImageError {
  if (operation === 'generate' || operation === 'submit') return error;
  if (operation === 'download') return ofDownload(error);
  // The generation is not in the state for it, and no other try brings it there.
  if (error.status === 409 && (operation === 'cancel' || operation === 'resolve'))
    return error.with({
      summary: error.summary.replace(` ${IN_DOUBT}`, ''),
      kind: 'refused',
      fault: 'caller',
      outcome: 'not_billed',
    });
  return error.ofFreeRequest().with({ retryable: mayPass(error) });
}

/** Statuses under which an image may come later: a store that has not got it yet, or is busy. */
const PASSING = new Set([404, 408, 409, 425, 429, 500, 502, 503, 504]);

/** Whether a request that costs nothing may do better later. */
function mayPass({ kind, status, retryable }: WanImageError): boolean {
  if (retryable || kind === 'connection_lost' || kind === 'timed_out') return true;
  return kind === 'server_failed' && status !== null && PASSING.has(status);
}

function ofDownload(error: WanImageError): WanImageError {
  const { kind, fault, status } = error;
  const why = error.summary.replace(` ${IN_DOUBT}`, '').replace(/[.\s]+$/, '');
  // Of a download, a transport refuses only what leads to a private network.
  const isPrivate = kind === 'connection_failed' && fault === 'caller';
  return error.with({
    summary: `The image was made, but could not be downloaded: ${why}. Its URL can be tried again until it dies, 24 hours after creation.`,
    kind: kind === 'timed_out' || kind === 'canceled' ? kind : 'download_failed',
    outcome: 'billed',
    remedy: isPrivate ? 'allow_private_hosts' : error.remedy,
    retryable: mayPass(error) || (kind === 'refused' && status !== null && PASSING.has(status)),
  });
}
