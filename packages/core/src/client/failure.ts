import { IN_DOUBT, isWanImageError, WanImageError } from '../errors/wan-image-error.ts';
import type { Operation } from '../protocol/build-request.ts';
import { isTransportError } from '../transport/transport.ts';
import type { StopReason, TimeLimit } from './time-limit.ts';

/** How far an attempt came. */
export interface Progress {
  /** Bytes of the answer's body that had come; null before there was an answer. */
  bytes: number | null;
  /** Whole pictures that had come. */
  pictures: number;
}

/** Whatever broke an attempt, as the one error of this package. */
export function toWanImageError(
  cause: unknown,
  limit: TimeLimit,
  progress: Progress,
  secrets: readonly string[],
): WanImageError {
  const error = nameFailure(cause, limit, progress, secrets);
  if (progress.pictures === 0) return error;
  const { pictures, bytes } = progress;
  const had = `${pictures === 1 ? 'One whole picture' : `${pictures} whole pictures`} (${bytes} bytes of the reply)`;
  const message = `${error.message.replace(` ${IN_DOUBT}`, '')} ${had} had come: they were paid for and are not lost.`;
  return error.with({ message, outcome: 'billed', retryable: false });
}

function nameFailure(cause: unknown, limit: TimeLimit, progress: Progress, secrets: readonly string[]): WanImageError {
  if (isWanImageError(cause)) return cause;
  const reason = limit.reason();
  const where =
    progress.bytes === null ? 'while the request was under way' : `after ${progress.bytes} bytes of the answer`;
  const neverConnected = isTransportError(cause) && !cause.connected;
  if (reason !== null) {
    const error = stopped(reason, where, { cause: limit.cause() ?? cause, secrets });
    return neverConnected ? error.ofFreeRequest() : error;
  }
  if (neverConnected && cause.refused) {
    return new WanImageError(
      `${cause.message}: set allowPrivateHosts if it may be asked.`,
      { kind: 'connection_failed', fault: 'caller', outcome: 'not_billed' },
      { cause, secrets },
    );
  }
  if (neverConnected) {
    return new WanImageError(
      `${cause.message}. Nothing was sent: check the base URL and the network.`,
      { kind: 'connection_failed', fault: 'network', outcome: 'not_billed', retryable: true },
      { cause, secrets },
    );
  }
  const what = cause instanceof Error ? cause.message : String(cause);
  return new WanImageError(
    `${what} ${where}. ${IN_DOUBT}`,
    { kind: 'connection_lost', fault: 'network', outcome: 'unknown' },
    { cause, secrets },
  );
}

const STOPPED = {
  timed_out: { what: 'The time limit of the call was over', kind: 'timed_out', fault: 'network' },
  silent: { what: 'The answer fell silent', kind: 'timed_out', fault: 'network' },
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

export function neverSent(cause: unknown): WanImageError {
  return new WanImageError(
    'The call was canceled before anything was sent.',
    { kind: 'canceled', fault: 'caller', outcome: 'not_billed' },
    { cause },
  );
}

/** Only new pictures are paid for; a download is of one that was. */
export function ofOperation(error: WanImageError, operation: Operation): WanImageError {
  if (operation === 'generate') return error;
  return operation === 'download' ? ofDownload(error) : error.ofFreeRequest();
}

/** Statuses under which a picture may come later: a store that has not got it yet, or is busy. */
const PASSING = new Set([404, 408, 409, 425, 429, 500, 502, 503, 504]);

function ofDownload(error: WanImageError): WanImageError {
  const { kind, status } = error;
  const why = error.message.replace(` ${IN_DOUBT}`, '').replace(/[.\s]+$/, '');
  const stays = kind === 'timed_out' || kind === 'canceled' ? kind : 'download_failed';
  return error.with({
    message: `The picture was made, but could not be downloaded: ${why}. Its URL can be tried again until it dies, 24 hours after creation.`,
    kind: stays,
    outcome: 'billed',
    retryable:
      stays === 'download_failed' &&
      (status === null ? error.retryable || kind === 'connection_lost' : PASSING.has(status)),
  });
}
