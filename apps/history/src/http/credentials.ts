import type { IncomingHttpHeaders } from 'node:http';

/** What a request presents to authenticate its sender, unchecked: an API key or the admin key, or the session of a page. */
export type Credential = { readonly key: string } | { readonly session: string };

/** Named after the service: a browser sends the cookies of a host to all of its ports. */
export const SESSION_COOKIE = 'wan-image-session';

const SESSION = new RegExp(String.raw`(?:^|;)\s*${SESSION_COOKIE}=([\w-]{43})\s*(?=;|$)`);

interface WithHeaders {
  readonly headers: IncomingHttpHeaders;
}

/**
 * The credential of a request, or null. The one place that reads it from a request: nothing else looks at these headers. A session is one
 * of this service's own pages: from any other page its cookie counts for nothing.
 */
export function credentialOf(request: WithHeaders, publicUrl: string): Credential | null {
  const { authorization, cookie } = request.headers;
  if (authorization !== undefined) {
    const key = /^Bearer\s+(\S+)$/i.exec(authorization)?.[1];
    return key === undefined ? null : { key };
  }
  const session = SESSION.exec(cookie ?? '')?.[1];
  return session === undefined || !isOwnPage(request, publicUrl) ? null : { session };
}

/**
 * Whether a request comes from a page of this service, as far as a browser tells. Programs send neither header, and neither does a browser
 * that opens a URL which somebody typed. A page of the same site under another port is another page.
 */
export function isOwnPage({ headers }: WithHeaders, publicUrl: string): boolean {
  const { origin, host } = headers;
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  if (origin === undefined || origin === new URL(publicUrl).origin) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}
