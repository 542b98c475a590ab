import type { ApiKeyScope } from '@wan-image/core';
import { ApiError, invalidRequest } from '../domain/api-error.ts';

export function missingKey(): ApiError {
  return unauthenticated('Missing API key. Send it in the header "Authorization: Bearer <key>".', 'missing_api_key');
}

export function invalidKey(): ApiError {
  return unauthenticated('Invalid API key. Check that you copied all of it.', 'invalid_api_key');
}

/** Also after its key was deleted, or replaced as the admin key. */
export function endedSession(): ApiError {
  return unauthenticated('The session has ended. Sign in again: POST /v1/session with an API key.', 'session_ended');
}

/** A page of another origin could otherwise sign a browser in with a key of its own. */
export function foreignSession(): ApiError {
  return forbidden('Only a page of this service may begin or end a session.', 'foreign_page');
}

export function revokedKey(): ApiError {
  return unauthenticated('This API key was revoked. Ask the operator of the service for a new one.', 'revoked_api_key');
}

export function archivedKey(): ApiError {
  return unauthenticated(
    'This API key is archived. Ask the operator of the service to restore it, or for another one.',
    'archived_api_key',
  );
}

export function archivedProject(): ApiError {
  return unauthenticated(
    'The project of this API key is archived. Ask the operator of the service to restore it.',
    'archived_project',
  );
}

export function noProject(id: string): ApiError {
  return invalidRequest(`project_id: there is no project ${id}. GET /v1/projects lists them.`, 'project_id');
}

/** In the same words whether the project exists or not. */
export function foreignProject(): ApiError {
  return forbidden(
    'project_id: only the admin key (ADMIN_API_KEY) reads other projects. Leave it out: an API key reads its own project.',
    'admin_only',
    'project_id',
  );
}

export function expiredKey(at: Date): ApiError {
  const message = `This API key expired at ${at.toISOString()}. Ask the operator of the service for a new one.`;
  return unauthenticated(message, 'expired_api_key');
}

/** Not 401: an unavailable database does not make the key invalid, and its owner would replace it. */
export function uncheckedKey(cause: unknown): ApiError {
  const message =
    'The API key could not be checked because the database is unavailable. Nothing was sent upstream. Try again in a moment; /readyz shows the state of the database.';
  const headers = { 'retry-after': '5' };
  return new ApiError(message, { status: 503, type: 'server_error', code: 'key_not_checked', headers }, { cause });
}

export function insufficientScope(needed: ApiKeyScope, has: ReadonlySet<ApiKeyScope>): ApiError {
  const message = `This endpoint requires an API key with the scope "${needed}". This key has: ${[...has].join(', ')}. Ask the operator of the service for a key with that scope.`;
  return forbidden(message, 'insufficient_scope');
}

export function adminOnly(): ApiError {
  return forbidden('This endpoint requires the admin key (ADMIN_API_KEY).', 'admin_only');
}

export function noAdminKey(): ApiError {
  const message =
    'This service runs without API keys, with a single project. To use projects and API keys, set ADMIN_API_KEY, restart the service, and send that key as the Bearer token.';
  return forbidden(message, 'admin_only');
}

function unauthenticated(message: string, code: string): ApiError {
  const headers = { 'www-authenticate': 'Bearer' };
  return new ApiError(message, { status: 401, type: 'authentication_error', code, headers });
}

function forbidden(message: string, code: string, param: string | null = null): ApiError {
  return new ApiError(message, { status: 403, type: 'permission_error', code, param });
}
