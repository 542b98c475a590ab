import type { IncomingHttpHeaders } from 'node:http';

/** What a request presents to authenticate its sender, unchecked: an API key or the admin key, or the session of a page. */
export type Credential = { readonly key: string } | { readonly session: string };

const SESSION = /^[\w-]{43}$/;

/**
 * The name of the cookie of a session. After the service, because a browser sends the cookies of a host to all of its ports. With `__Host-`
 * where a browser allows it: then no other host of the domain can set it.
 */
export function sessionCookieOf(publicUrl: string): string {
  const { protocol, pathname } = new URL(publicUrl);
  return protocol === 'https:' && pathname === '/' ? '__Host-wan-image-session' : 'wan-image-session';
}

/** The session of a request, whatever else it presents; null without one. Of two, one was set by somebody else: neither counts. */
export function sessionOf({ headers }: WithHeaders, publicUrl: string): string | null {
  const prefix = `${sessionCookieOf(publicUrl)}=`;
  const cookies = (headers.cookie ?? '').split(';').map((one) => one.trim());
  const [session = '', ...others] = cookies.filter((one) => one.startsWith(prefix));
  const id = session.slice(prefix.length);
  return others.length === 0 && SESSION.test(id) ? id : null;
}

interface WithHeaders {
  readonly headers: IncomingHttpHeaders;
}

/**
 * The credential of a request, or null. The one place that reads it from a request: nothing else looks at these headers. A session is one
 * of this service's own pages: from any other page its cookie counts for nothing.
 */
export function credentialOf(request: WithHeaders, publicUrl: string): Credential | null {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const key = /^Bearer\s+(\S+)$/i.exec(authorization)?.[1];
    return key === undefined ? null : { key };
  }
  const session = sessionOf(request, publicUrl);
  return session === null || !isOwnPage(request, publicUrl) ? null : { session };
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
