import type { ErrorKind, ErrorRemedy, WanImageError } from '@wan-image/core';
import { ApiError, type ErrorType } from '../../domain/api-error.ts';
import { retryHeaders } from '../../domain/retry-safety.ts';

interface ErrorMapping {
  readonly status: number;
  readonly type: ErrorType;
}

/** The response for each kind of upstream failure. */
const RESPONSES: Readonly<Record<ErrorKind, ErrorMapping>> = {
  invalid_request: { status: 400, type: 'invalid_request_error' },
  refused: { status: 400, type: 'invalid_request_error' },
  content_refused: { status: 400, type: 'invalid_request_error' },
  // Not 429: SDKs would retry by themselves, and credit does not return within seconds.
  out_of_credit: { status: 402, type: 'upstream_error' },
  rate_limited: { status: 429, type: 'rate_limit_error' },
  // Not 401: the client's key is valid; the upstream key of this service is not.
  authentication: { status: 502, type: 'upstream_error' },
  connection_failed: { status: 502, type: 'upstream_error' },
  connection_lost: { status: 502, type: 'upstream_error' },
  server_failed: { status: 502, type: 'upstream_error' },
  unreadable_response: { status: 502, type: 'upstream_error' },
  timed_out: { status: 504, type: 'upstream_error' },
  canceled: { status: 409, type: 'invalid_request_error' },
  // Errors that follow the response; the gateway fetches and stores images itself.
  download_failed: { status: 502, type: 'upstream_error' },
  sink_failed: { status: 502, type: 'upstream_error' },
};

/** In characters, of what are names: the record keeps them. */
const MAX_NAME_LENGTH = 200;

const OWN_KEY_REFUSED =
  'The upstream rejected the API key of this service. Its operator must correct UPSTREAM_API_KEY.';

/** The remedies that core words in terms of its options, in terms of the settings of this service. */
const REMEDIES: Readonly<Partial<Record<ErrorRemedy, string>>> = {
  raise_timeout: 'The operator of this service can raise UPSTREAM_TIMEOUT_SECONDS.',
  check_base_url: 'The operator of this service must check UPSTREAM_BASE_URL and the network.',
};

/** Maps a failure of the upstream call to a response of this service: the upstream's message, if there is one, and the remedy. */
export function toApiError(error: WanImageError): ApiError {
  const { status, type } = RESPONSES[error.kind];
  const headers = headersOf(error);
  if (error.kind === 'authentication') {
    return new ApiError(OWN_KEY_REFUSED, { status, type, code: 'authentication', headers }, { cause: error });
  }
  return new ApiError(
    messageOf(error),
    {
      status: ownStatus(error) ?? status,
      type: short(error.type) ?? type,
      code: short(error.code) ?? error.kind,
      param: short(error.param),
      headers,
    },
    { cause: error },
  );
}

function short(name: string | null): string | null {
  return name?.slice(0, MAX_NAME_LENGTH) ?? null;
}

/** The message of core's client names its own options, which clients of this service cannot set. */
function messageOf({ summary, remedy }: WanImageError): string {
  const words = remedy && REMEDIES[remedy];
  return words ? `${summary} ${words}` : summary;
}

/** The upstream's status if it means the same to the client: a 4xx of a refusal, or a 5xx of a server failure. */
function ownStatus({ kind, status }: WanImageError): number | null {
  if (status === null) return null;
  const keeps = (kind === 'refused' && status >= 400 && status < 500) || (kind === 'server_failed' && status >= 500);
  return keeps ? status : null;
}

function headersOf(error: WanImageError): Record<string, string> {
  return {
    ...retryHeaders(error.outcome, error.kind),
    // This service has retried already: retries of each layer above would multiply.
    ...(error.attempts > 1 ? { 'x-should-retry': 'false' } : {}),
    ...(error.retryAfterMs === null ? {} : { 'retry-after': String(Math.ceil(error.retryAfterMs / 1000)) }),
  };
}
