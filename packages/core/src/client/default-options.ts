import type { ClientOptions } from './client-options.ts';
import { definedOnly } from './defined-only.ts';
import { systemClock } from './system-clock.ts';

/** The base URL of the vendor. */
export const VENDOR_BASE_URL = 'https://www.anyfast.com.cn';

/** {@link ClientOptions} with a default for everything but the API key. */
export type DefaultedClientOptions = Pick<ClientOptions, 'apiKey'> & Partial<ClientOptions>;

/** The defaults that depend on the host. */
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
