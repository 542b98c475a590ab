import type { IncomingMessage, ServerResponse } from 'node:http';
import { HEADER_NAMES } from './openapi-headers.ts';

const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE';

/** Seconds for which a browser keeps the result of a preflight. */
const PREFLIGHT_LIFETIME_S = 600;

/** For a client that sends no list of headers. Others get the list that they ask for: OpenAI's SDKs add headers with each version. */
const COMMON_HEADERS = 'authorization, content-type, idempotency-key, prefer, x-wan-image-client';

/** Whether pages of an origin may use the service. `*` stands for every origin. */
export function isAllowedOrigin(origin: string | undefined, allowed: readonly string[]): origin is string {
  return origin !== undefined && (allowed.includes('*') || allowed.includes(origin));
}

/**
 * Lets browsers read a response from a page of an allowed origin (CORS). Not Fastify's plugin: Fastify responds to a malformed URL before any
 * hook of a plugin runs, and a preflight needs its response before the access check. Without credentials: keys are sent in a header.
 */
export function setCorsHeaders(
  { headers }: IncomingMessage,
  response: ServerResponse,
  allowed: readonly string[],
): void {
  if (allowed.length === 0) return;
  const isEvery = allowed.includes('*');
  // Also without an origin, or a cache would give a page the response of another.
  if (!isEvery) response.setHeader('vary', 'origin');
  if (!isAllowedOrigin(headers.origin, allowed)) return;
  response.setHeader('access-control-allow-origin', isEvery ? '*' : headers.origin);
  response.setHeader('access-control-expose-headers', HEADER_NAMES.join(', '));
}

/** Whether a request is a preflight of an allowed origin. It has no key, whatever its request needs. */
export function isAllowedPreflight({ method, headers }: IncomingMessage, allowed: readonly string[]): boolean {
  return (
    method === 'OPTIONS' &&
    headers['access-control-request-method'] !== undefined &&
    isAllowedOrigin(headers.origin, allowed)
  );
}

/** The headers of the response to an allowed preflight. */
export function preflightHeaders({ headers }: IncomingMessage): Record<string, string | number> {
  const requested = headers['access-control-request-headers'];
  return {
    'access-control-allow-methods': METHODS,
    'access-control-allow-headers': typeof requested === 'string' ? requested : COMMON_HEADERS,
    'access-control-max-age': PREFLIGHT_LIFETIME_S,
    vary: 'origin, access-control-request-headers',
  };
}

/** Adds the name of a request header to `vary`, which pages of allowed origins already made depend on `origin`. */
export function varyBy(response: ServerResponse, name: string): string {
  const before = response.getHeader('vary');
  return before === undefined ? name : `${String(before)}, ${name}`;
}
