import { createHash, timingSafeEqual } from 'node:crypto';
import { ApiError } from '../http/api-error.ts';

/**
 * Routes that need no key: pages, health, documentation, and pictures, whose URLs go into pages and tools that send none:
 * what opens those is checked with the picture, in `picture-access.ts`.
 */
const PUBLIC_ROUTES: ReadonlySet<string> = new Set([
  '/',
  '/images/:image_id',
  '/healthz',
  '/readyz',
  '/openapi.json',
  '/docs',
]);

interface KeyedRequest {
  /** The route's own pattern, as it was registered; undefined where there is none. */
  readonly route: string | undefined;
  readonly authorization: string | undefined;
}

/** Why a request may not pass, or null. */
export type KeyCheck = (request: KeyedRequest) => ApiError | null;

/** Asks for the admin key on every route but the public ones, known or not. Without a key the service is local and open: `local-access.ts`. */
export function createKeyCheck(adminApiKey: string | null): KeyCheck {
  if (adminApiKey === null) return () => null;
  const right = sha256(adminApiKey);
  return ({ route, authorization = '' }) => {
    if (route !== undefined && (PUBLIC_ROUTES.has(route) || route.startsWith('/docs/'))) return null;
    const key = /^Bearer\s+(\S+)$/i.exec(authorization)?.[1];
    if (key === undefined)
      return refusal('No API key: send the header "Authorization: Bearer <key>".', 'missing_api_key');
    // Hashes have one length, so the comparison takes the same time for every key.
    return timingSafeEqual(sha256(key), right)
      ? null
      : refusal('The API key is not one of this service: send the one that it was set up with.', 'invalid_api_key');
  };
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function refusal(message: string, code: string): ApiError {
  const headers = { 'www-authenticate': 'Bearer' };
  return new ApiError(message, { status: 401, type: 'authentication_error', code, headers });
}
