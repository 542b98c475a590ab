import { lookup, type LookupAddress, type LookupOptions } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { isPublicAddress } from '../transport/public-address.ts';

/** A name leads to an address that is not on the public internet. */
export class NotPublic extends Error {}

/**
 * Resolves a name and refuses every address that is not public. The connection is made to the address that was checked, so DNS
 * rebinding has no effect.
 */
export const publicLookup: LookupFunction = (hostname, options: LookupOptions, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    if (error) return callback(error, []);
    const [first, ...others] = addresses;
    const forbidden = addresses.find(({ address }) => !isPublicAddress(address));
    if (forbidden || !first) {
      const address = forbidden?.address ?? 'no address';
      return callback(new NotPublic(`${hostname} is at ${address}, which is not on the public internet`), []);
    }
    if (options.all) callback(null, [first, ...others]);
    else callback(null, first.address, first.family);
  });
};
