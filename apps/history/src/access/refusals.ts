import type { ApiKeyScope } from '@wan-image/core';
import { ApiError } from '../domain/api-error.ts';

export function missingKey(): ApiError {
  return unauthenticated('No API key: send the header "Authorization: Bearer <key>".', 'missing_api_key');
}

export function invalidKey(): ApiError {
  return unauthenticated(
    'The API key is not one of this service: look for a part that was not copied.',
    'invalid_api_key',
  );
}

export function revokedKey(): ApiError {
  return unauthenticated('The API key was revoked. Ask whoever runs the service for a new one.', 'revoked_api_key');
}

export function expiredKey(at: Date): ApiError {
  const message = `The API key expired at ${at.toISOString()}. Ask whoever runs the service for a new one.`;
  return unauthenticated(message, 'expired_api_key');
}

/** A database that does not answer says nothing about a key: with a 401 its holder would throw it away. */
export function uncheckedKey(cause: unknown): ApiError {
  const message =
    'The API key could not be checked, because the database does not answer. Nothing was sent: try again in a moment. /readyz tells what is wrong.';
  const headers = { 'retry-after': '5' };
  return new ApiError(message, { status: 503, type: 'server_error', code: 'key_not_checked', headers }, { cause });
}

export function insufficientScope(needed: ApiKeyScope, has: ReadonlySet<ApiKeyScope>): ApiError {
  const message = `This needs an API key with the scope "${needed}"; this key has ${[...has].join(', ')}. Ask for a key that has it.`;
  return forbidden(message, 'insufficient_scope');
}

export function adminOnly(): ApiError {
  return forbidden('Only ADMIN_API_KEY opens this: send it in place of the API key of a project.', 'admin_only');
}

export function noAdminKey(): ApiError {
  const message =
    'This service runs without keys, as one open project. To have projects and API keys, set ADMIN_API_KEY, start it again, and send that as the Bearer token.';
  return forbidden(message, 'admin_only');
}

function unauthenticated(message: string, code: string): ApiError {
  const headers = { 'www-authenticate': 'Bearer' };
  return new ApiError(message, { status: 401, type: 'authentication_error', code, headers });
}

function forbidden(message: string, code: string): ApiError {
  return new ApiError(message, { status: 403, type: 'permission_error', code });
}
