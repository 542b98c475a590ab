import { HttpException } from '@nestjs/common';
import type { ErrorBody } from '@wan-image/core';
import { ApiError } from '../domain/api-error.ts';

export interface ErrorResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ErrorBody;
  /** Whether it is a fault of ours that somebody has to look at. */
  readonly unexpected: boolean;
}

/** Clearer words for what the HTTP server refuses by itself, and the remedy. */
const MESSAGES: readonly (readonly [status: number, given: RegExp, message: string])[] = [
  [400, /not valid JSON/, 'The body is not valid JSON: look for a missing quote, comma or brace.'],
  [400, /cannot be empty/, 'The body is empty: send a JSON object.'],
  [413, /.*/, 'The body is too large: at most 1 MiB is taken here.'],
  [415, /.*/, 'The Content-Type must be application/json; /v1/images/edits takes multipart/form-data as well.'],
];

/** Anything thrown, as an answer. The one place where an error becomes a status and a body. */
export function responseOf(error: unknown): ErrorResponse {
  if (error instanceof ApiError) {
    const { message, type, param, code, status, headers } = error;
    return { status, headers, body: { error: { message, type, param, code } }, unexpected: false };
  }
  if (error instanceof HttpException) return plainResponse(error.getStatus(), error.message);
  // Fastify's own, before it has found a route.
  const { statusCode } = error as { statusCode?: unknown };
  if (error instanceof Error && typeof statusCode === 'number' && statusCode < 500)
    return plainResponse(statusCode, error.message);
  return {
    status: 500,
    headers: {},
    body: {
      error: {
        message: 'Something broke in the service. Its log tells more under the x-request-id.',
        type: 'server_error',
        param: null,
        code: null,
      },
    },
    unexpected: true,
  };
}

function plainResponse(status: number, given: string): ErrorResponse {
  const [type, code] = kindOf(status);
  const message = MESSAGES.find(([of, words]) => of === status && words.test(given))?.[2] ?? withRemedy(status, given);
  return { status, headers: {}, body: { error: { message, type, param: null, code } }, unexpected: status >= 500 };
}

function kindOf(status: number): [type: string, code: string | null] {
  if (status >= 500) return ['server_error', null];
  return status === 404 ? ['not_found_error', 'not_found'] : ['invalid_request_error', 'invalid_request'];
}

function withRemedy(status: number, given: string): string {
  return status === 404 ? `${given.replace(/^Cannot /, 'There is no ')}. /docs lists every route.` : given;
}
