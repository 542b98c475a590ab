import { isLoopback } from '../domain/loopback.ts';

export interface RequestOrigin {
  readonly method: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly secFetchSite: string | undefined;
}

/**
 * Why a request may not use a service that asks for no key, or null. Such a service spends money for whoever reaches it,
 * so no web page may: not from another origin, not by a name that was rebound to this machine (the Host tells), not by a form.
 */
export function localAccessProblem(request: RequestOrigin, publicUrl: string): string | null {
  const { host = '', origin, secFetchSite, method } = request;
  const publicAddress = new URL(publicUrl);
  if (!isLoopback(host.replace(/:\d+$/, '')) && host !== publicAddress.host) {
    return `The Host ${JSON.stringify(host.slice(0, 100))} is not a name of this service. Use localhost, or set PUBLIC_URL to the name you use.`;
  }
  if (origin !== undefined && origin !== `http://${host}` && origin !== publicAddress.origin) {
    return 'A web page of another origin may not use this service. Set ADMIN_API_KEY to let others in with a key.';
  }
  if (method !== 'GET' && method !== 'HEAD' && (secFetchSite === 'cross-site' || secFetchSite === 'same-site')) {
    return 'A web page of another site may not use this service. Set ADMIN_API_KEY to let others in with a key.';
  }
  return null;
}
