import type { ErrorKind, WanImageError } from '@wan-image/core';
import { ApiError, type ErrorType } from '../../domain/api-error.ts';
import { retryHeaders } from '../../domain/retry-safety.ts';

interface ErrorMapping {
  readonly status: number;
  readonly type: ErrorType;
}

/** What each kind of failure upstream is to the caller of this service. */
const RESPONSES: Readonly<Record<ErrorKind, ErrorMapping>> = {
  invalid_request: { status: 400, type: 'invalid_request_error' },
  refused: { status: 400, type: 'invalid_request_error' },
  content_refused: { status: 400, type: 'invalid_request_error' },
  // Not 429: SDKs would try again by themselves, and credit does not come back in seconds.
  out_of_credit: { status: 402, type: 'upstream_error' },
  rate_limited: { status: 429, type: 'rate_limit_error' },
  // Not 401: the caller's key is right, this service's own is not.
  authentication: { status: 502, type: 'upstream_error' },
  connection_failed: { status: 502, type: 'upstream_error' },
  connection_lost: { status: 502, type: 'upstream_error' },
  server_failed: { status: 502, type: 'upstream_error' },
  unreadable_response: { status: 502, type: 'upstream_error' },
  timed_out: { status: 504, type: 'upstream_error' },
  canceled: { status: 409, type: 'invalid_request_error' },
  // Of what happens after the reply; the gateway fetches and keeps images itself.
  download_failed: { status: 502, type: 'upstream_error' },
  sink_failed: { status: 502, type: 'upstream_error' },
};

const OWN_KEY_REFUSED =
  'The upstream refused the key of this service. Whoever runs it has to correct UPSTREAM_API_KEY.';

/** A failure of the upstream call as this service's answer: the vendor's words where it gave any, and what a caller may do. */
export function toApiError(error: WanImageError): ApiError {
  const { status, type } = RESPONSES[error.kind];
  const headers = headersOf(error);
  if (error.kind === 'authentication') {
    return new ApiError(OWN_KEY_REFUSED, { status, type, code: 'authentication', headers }, { cause: error });
  }
  return new ApiError(
    error.message,
    {
      status: ownStatus(error) ?? status,
      type: error.type ?? type,
      code: error.code ?? error.kind,
      param: error.param,
      headers,
    },
    { cause: error },
  );
}

/** The vendor's own status where it tells the caller the same thing: another 4xx of a refusal, another 5xx of a failure. */
function ownStatus({ kind, status }: WanImageError): number | null {
  if (status === null) return null;
  const keeps = (kind === 'refused' && status >= 400 && status < 500) || (kind === 'server_failed' && status >= 500);
  return keeps ? status : null;
}

function headersOf(error: WanImageError): Record<string, string> {
  return {
    ...retryHeaders(error.outcome, error.kind),
    ...(error.retryAfterMs === null ? {} : { 'retry-after': String(Math.ceil(error.retryAfterMs / 1000)) }),
  };
}
