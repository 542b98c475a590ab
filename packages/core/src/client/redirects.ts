import { WanImageError } from '../errors/wan-image-error.ts';
import type { TransportResponse } from '../transport/transport.ts';
import type { ConnectionOptions } from './client-options.ts';
import { isTrustedHost } from './trusted-host.ts';

const MAX_REDIRECTS = 5;

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * Downloads an image and follows redirects, but never to a private address: otherwise a malicious URL could reach the internal services
 * around this machine (SSRF).
 */
export async function followRedirects(
  first: string,
  {
    baseUrl,
    allowPrivateHosts = false,
    trustedHosts,
  }: Pick<ConnectionOptions, 'baseUrl' | 'allowPrivateHosts' | 'trustedHosts'>,
  get: (url: string, publicOnly: boolean) => Promise<TransportResponse>,
): Promise<TransportResponse> {
  let url = httpUrl(first);
  for (let redirects = 0; ; redirects++) {
    const response = await get(url.href, !allowPrivateHosts && !isTrustedHost(url, baseUrl, trustedHosts));
    const location = REDIRECTS.has(response.status) ? response.headers['location'] : undefined;
    if (location === undefined) return response;
    if (redirects === MAX_REDIRECTS) throw refused(`it redirects more than ${MAX_REDIRECTS} times`);
    discard(response.body);
    url = httpUrl(location, url);
  }
}

function httpUrl(text: string, base?: URL): URL {
  const url = URL.canParse(text, base?.href) ? new URL(text, base?.href) : null;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw refused('its URL is not an http(s) URL');
}

/** A failure that a retry would not change. */
function refused(why: string): WanImageError {
  return new WanImageError(why, { kind: 'unreadable_response', fault: 'server', outcome: 'billed' });
}

/** Ends a body without reading it, so that its connection is released. Not awaited. */
function discard(body: AsyncIterable<Uint8Array>): void {
  void body[Symbol.asyncIterator]()
    .return?.()
    .catch(() => undefined);
}
