import { isLoopback } from '../domain/loopback.ts';

export interface RequestOrigin {
  readonly method: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly secFetchSite: string | undefined;
  /** Whether its route refuses pages of other sites also for GET. */
  readonly ownPagesOnly?: boolean;
  /** Whether the origin is one of CORS_ORIGINS. */
  readonly isAllowed?: boolean;
}

/**
 * Why a request may not use a service that runs without keys, or null. Such a service spends money for every client that can reach it,
 * so it refuses web pages: from another origin, through a host name that was rebound to this machine (DNS rebinding, seen in the Host
 * header), or by submitting a form.
 */
export function localAccessProblem(request: RequestOrigin, publicUrl: string): string | null {
  const { host = '', origin, secFetchSite, method } = request;
  const publicAddress = new URL(publicUrl);
  if (!isLoopback(host.replace(/:\d+$/, '')) && host !== publicAddress.host) {
    return `Unknown Host ${JSON.stringify(host.slice(0, 100))}. Use localhost, or set PUBLIC_URL to the URL under which you reach the service.`;
  }
  if (request.isAllowed === true) return null;
  if (origin !== undefined && origin !== `http://${host}` && origin !== publicAddress.origin) {
    return 'Without ADMIN_API_KEY, the service refuses requests from web pages of other origins. Add the origin to CORS_ORIGINS; with ADMIN_API_KEY, too, where others can open the page.';
  }
  if (secFetchSite !== 'cross-site' && secFetchSite !== 'same-site') return null;
  if (method !== 'GET' && method !== 'HEAD') {
    return 'Without ADMIN_API_KEY, the service refuses requests from web pages of other sites. Add the origin of the page to CORS_ORIGINS; with ADMIN_API_KEY, too, where others can open the page.';
  }
  // A link, a frame and an `<img>` send no Origin, so CORS_ORIGINS cannot allow them.
  if (request.ownPagesOnly === true) {
    return 'Without ADMIN_API_KEY, the service refuses links, frames and images of other sites that start an export. Open the URL yourself, or request it with fetch from a page whose origin is one of CORS_ORIGINS.';
  }
  return null;
}
