import { WanImageError } from '../errors/wan-image-error.ts';
import type { TransportResponse } from '../transport/transport.ts';
import type { ClientOptions } from './client-options.ts';

const MOST_REDIRECTS = 5;

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * Fetches an image wherever its URL leads, but to no private address: whoever names the URL could otherwise have
 * this machine ask the services around it. The server's own host is trusted, because every call goes there anyway.
 */
export async function followRedirects(
  first: string,
  { baseUrl, allowPrivateHosts = false }: Pick<ClientOptions, 'baseUrl' | 'allowPrivateHosts'>,
  get: (url: string, publicOnly: boolean) => Promise<TransportResponse>,
): Promise<TransportResponse> {
  const trusted = new URL(baseUrl).host;
  let url = webAddress(first);
  for (let redirects = 0; ; redirects++) {
    const response = await get(url.href, !allowPrivateHosts && url.host !== trusted);
    const location = REDIRECTS.has(response.status) ? response.headers['location'] : undefined;
    if (location === undefined) return response;
    if (redirects === MOST_REDIRECTS) throw refused(`it redirects more than ${MOST_REDIRECTS} times`);
    discard(response.body);
    url = webAddress(location, url);
  }
}

function webAddress(text: string, base?: URL): URL {
  const url = URL.canParse(text, base?.href) ? new URL(text, base?.href) : null;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw refused('its URL is no web address');
}

/** What another try would not change. */
function refused(why: string): WanImageError {
  return new WanImageError(why, { kind: 'unreadable_response', fault: 'server', outcome: 'billed' });
}

/** Ends a body that nobody reads, so that its connection goes. Nobody waits for that. */
function discard(body: AsyncIterable<Uint8Array>): void {
  void body[Symbol.asyncIterator]()
    .return?.()
    .catch(() => undefined);
}
