import { HttpException } from '@nestjs/common';
import { redactText, type ErrorBody } from '@wan-image/core';
import { isDatabaseUnavailable } from '../database/unavailable.ts';
import { ApiError } from '../domain/api-error.ts';

export interface ErrorResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ErrorBody;
  /** Whether this is a bug or an outage that the operator has to see in the log. */
  readonly unexpected: boolean;
}

/** Replaces Fastify's and Nest's own messages by ones with a remedy. */
const MESSAGES: readonly (readonly [status: number, original: RegExp, message: string])[] = [
  [400, /not valid JSON/, 'The body is not valid JSON. Check for a missing quote, comma or brace.'],
  [400, /cannot be empty/, 'The body is empty. Send a JSON object.'],
  [
    400,
    /not a valid url/,
    'The path is not a valid URL. Check for a "%" that is not followed by two hexadecimal digits.',
  ],
  [
    414,
    /.*/,
    'A part of the path is longer than 100 characters. Check that it is an id, and that a key or a body did not become a part of the URL.',
  ],
  [413, /.*/, 'The body is too large: this endpoint accepts at most 1 MiB.'],
  [415, /.*/, 'Content-Type must be application/json. /v1/images/edits also accepts multipart/form-data.'],
];

/** The response to anything thrown. The one place where an error becomes a status and a body. */
export function responseOf(error: unknown): ErrorResponse {
  if (error instanceof ApiError) {
    const { message, type, param, code, status, headers } = error;
    return { status, headers, body: { error: { message, type, param, code } }, unexpected: false };
  }
  if (isDatabaseUnavailable(error)) return { ...responseOf(databaseUnavailable()), unexpected: true };
  if (error instanceof HttpException) return plainResponse(error.getStatus(), error.message);
  // Thrown by Fastify itself, before it has found a route.
  const { statusCode } = error as { statusCode?: unknown };
  if (error instanceof Error && typeof statusCode === 'number' && statusCode < 500)
    return plainResponse(statusCode, error.message);
  return {
    status: 500,
    headers: {},
    body: {
      error: {
        message: 'Internal error. The log of the service has the details under the x-request-id of this response.',
        type: 'server_error',
        param: null,
        code: null,
      },
    },
    unexpected: true,
  };
}

/** Nothing of a request that only reads is lost: the client may repeat it. */
function databaseUnavailable(): ApiError {
  return new ApiError('The database is unavailable. Try again in a moment; /readyz shows its state.', {
    status: 503,
    type: 'server_error',
    code: 'database_unavailable',
    headers: { 'retry-after': '5' },
  });
}

function plainResponse(status: number, original: string): ErrorResponse {
  const [type, code] = kindOf(status);
  const message =
    MESSAGES.find(([of, pattern]) => of === status && pattern.test(original))?.[2] ?? redactText(original);
  return { status, headers: {}, body: { error: { message, type, param: null, code } }, unexpected: status >= 500 };
}

/** The type and the code of an error that has none of its own. */
export function kindOf(status: number): [type: string, code: string | null] {
  if (status >= 500) return ['server_error', null];
  return status === 404 ? ['not_found_error', 'not_found'] : ['invalid_request_error', 'invalid_request'];
}
