import { lookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Only addresses of the public internet: no loopback, no private network, no metadata service of a cloud. */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  // `process` turns ::ffff:127.0.0.1 into the IPv4 address that it stands for; the older form ::127.0.0.1 it leaves.
  const parsed = ipaddr.process(address);
  if (parsed instanceof ipaddr.IPv6 && parsed.parts.slice(0, 6).every((part) => part === 0)) return false;
  return parsed.range() === 'unicast';
}

/** A host name without the brackets of IPv6, as name servers take it. */
function bareHostname(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1');
}

/** Why a URL's host may not be asked, where that can be told without a name server; else null. */
export function literalAddressProblem(url: URL): string | null {
  const hostname = bareHostname(url);
  return isIP(hostname) !== 0 && !isPublicAddress(hostname) ? `${hostname} is no public address` : null;
}

/**
 * Looks a name up and refuses every address that is not public. The connection goes to the very address that was checked,
 * so a name cannot be rebound in between.
 */
export const publicLookup: LookupFunction = (hostname, options: LookupOptions, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    if (error) return callback(error, []);
    const [first, ...others] = addresses;
    const forbidden = addresses.find(({ address }) => !isPublicAddress(address));
    if (forbidden || !first)
      return callback(new Error(`${hostname} is at ${forbidden?.address ?? 'no address'}, which is not public`), []);
    if (options.all) callback(null, [first, ...others]);
    else callback(null, first.address, first.family);
  });
};
