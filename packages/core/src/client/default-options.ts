import type { ClientOptions } from './client-options.ts';
import { definedOnly } from './defined-only.ts';
import { systemClock } from './system-clock.ts';

/** The vendor's own host. */
export const VENDOR_BASE_URL = 'https://www.anyfast.com.cn';

/** Only the key is required: the rest is what the host has. */
export type DefaultedClientOptions = Pick<ClientOptions, 'apiKey'> & Partial<ClientOptions>;

/** What differs from host to host. */
export type Host = Pick<ClientOptions, 'transport'> & Partial<Pick<ClientOptions, 'base64'>>;

export function withDefaults(options: DefaultedClientOptions, host: Host): ClientOptions {
  return {
    baseUrl: VENDOR_BASE_URL,
    ...host,
    clock: systemClock,
    random: Math.random,
    newIdempotencyKey: () => crypto.randomUUID(),
    ...definedOnly(options),
    apiKey: options.apiKey,
  };
}
