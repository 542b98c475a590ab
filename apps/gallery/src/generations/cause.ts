import { errorOfGeneration, type GenerationRecord } from '@wan-image/core/portable';

/** Why a generation failed, as far as it decides what to do. */
export type Cause =
  | 'authentication'
  | 'content_refused'
  | 'out_of_credit'
  | 'rate_limited'
  | 'connection_failed'
  | 'connection_lost'
  | 'timed_out'
  | 'server_failed'
  | 'unreadable_response'
  | 'interrupted'
  | 'canceled'
  | 'invalid_request'
  | 'other';

/**
 * Codes that are of the service itself: the process of a generation died, or the upstream refused the key of the service, which is a failure
 * of the server for whoever sent the request.
 */
const OWN_CODES = ['interrupted', 'authentication'] as const;

type Failed = Pick<GenerationRecord, 'id' | 'state' | 'outcome' | 'error' | 'upstream'>;

/** The cause of a failure, as core classifies the error that its request got. */
export function causeOf(record: Failed): Cause {
  const own = OWN_CODES.find((code) => code === record.error?.code);
  if (own !== undefined) return own;
  // `errorOfGeneration` reads no other fields.
  const { kind } = errorOfGeneration(record as GenerationRecord);
  if (kind === 'refused') return 'invalid_request';
  return kind === 'download_failed' || kind === 'sink_failed' ? 'other' : kind;
}

const NO_UPSTREAM = {
  request_id: null,
  status: null,
  attempts: null,
  simulated: false,
  message: null,
  extra: null,
  extra_cut: [],
};

/**
 * The cause that a code alone tells, as statistics count them; `other` if it tells none. For some of them core decides by the status,
 * which statistics do not have.
 */
export function causeOfCode(code: string): Cause {
  const error = { type: 'upstream_error', code, message: '', param: null };
  if (/^throttling/i.test(code) || code === 'rate_limit_exceeded') return 'rate_limited';
  if (/^internal/i.test(code)) return 'server_failed';
  if (/^(?:invalid|unsupported)/i.test(code)) return 'invalid_request';
  const cause = causeOf({ id: '', state: 'failed', outcome: 'not_billed', error, upstream: NO_UPSTREAM });
  // What no code decides counts as a failure of the server.
  return cause === 'server_failed' && code !== 'server_failed' ? 'other' : cause;
}

/** Whether the same request may succeed: then it can be sent again as it is. */
export function isWorthRepeating(cause: Cause): boolean {
  return cause !== 'content_refused' && cause !== 'invalid_request';
}
