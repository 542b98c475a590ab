import type { Config } from '../config/config.ts';

/** What of the settings makes URLs that others cannot open, or a page that stays blank. `url` is where the service listens. */
export function addressWarnings({ publicUrl, host }: Pick<Config, 'publicUrl' | 'host'>, url: string): string[] {
  if (publicUrl === null) {
    if (host !== '0.0.0.0' && host !== '::') return [];
    return [`PUBLIC_URL is not set: image URLs begin with ${url}, which is reachable from this machine only`];
  }
  const { pathname, origin } = new URL(publicUrl);
  if (pathname === '/') return [];
  return [
    `PUBLIC_URL has a path (${pathname}): the API works there, but the gallery stays blank, because it loads its files and the API from the root of its host. For the gallery, give the service a host name of its own, such as a subdomain, and remove the path: PUBLIC_URL=${origin}`,
  ];
}
