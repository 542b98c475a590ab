import type { IncomingMessage, ServerResponse } from 'node:http';
import helmet, { type HelmetOptions } from 'helmet';
import { PAGE_ROUTES } from './page-routes.ts';

type Middleware = ReturnType<typeof helmet>;
type Directives = Readonly<Record<string, readonly string[]>>;

// Neither HSTS nor `upgrade-insecure-requests`: the proxy in front of the service handles TLS, and over plain HTTP both would send
// browsers to a port on which nothing listens.
const DEFAULTS = helmet({
  strictTransportSecurity: false,
  contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } },
});

/** Pages of any origin embed images by their signed URLs. Opened by itself, an image runs nothing, whatever its bytes are. */
const IMAGE = withPolicy(
  { 'default-src': ["'none'"], sandbox: [] },
  { crossOriginResourcePolicy: { policy: 'cross-origin' } },
);

/** The gallery loads its own scripts, styles and data, and shows images that are dropped on it. Nothing inline runs or styles. */
const GALLERY = withPolicy({
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'"],
  'img-src': ["'self'", 'data:', 'blob:'],
  'font-src': ["'self'"],
  'connect-src': ["'self'"],
  'manifest-src': ["'self'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
  'frame-ancestors': ["'none'"],
});

/** Swagger UI sets styles inline, shows its icons as data URLs and the images of responses as blobs, and calls this service. */
const DOCUMENTATION = withPolicy({
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'", "'unsafe-inline'"],
  'img-src': ["'self'", 'data:', 'blob:'],
  'connect-src': ["'self'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
  'frame-ancestors': ["'none'"],
});

/** Routes with a policy of their own. All others, and requests without a route, get helmet's defaults. */
const BY_ROUTE: readonly (readonly [matches: (route: string) => boolean, headers: Middleware])[] = [
  [(route) => route.startsWith('/images/'), IMAGE],
  [(route) => PAGE_ROUTES.includes(route) || /^\/(?:assets\/|favicon\.svg$)/.test(route), GALLERY],
  [(route) => /^\/docs(?:\/|$)/.test(route), DOCUMENTATION],
];

/**
 * Sets the security headers of a response, from the pattern of its route. Not helmet's Fastify plugin: Fastify responds to a malformed
 * URL before any hook runs, and the plugin builds its policy anew for each request.
 */
export function setSecurityHeaders(
  route: string | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const headers = BY_ROUTE.find(([matches]) => route !== undefined && matches(route))?.[1] ?? DEFAULTS;
  headers(request, response, (error) => {
    if (error !== undefined) throw error;
  });
}

function withPolicy(directives: Directives, more: Pick<HelmetOptions, 'crossOriginResourcePolicy'> = {}): Middleware {
  return helmet({ strictTransportSecurity: false, contentSecurityPolicy: { useDefaults: false, directives }, ...more });
}
