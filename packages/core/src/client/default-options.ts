import type { ClientOptions, CommonOptions, PortableClientOptions } from './client-options.ts';
import { definedOnly } from './defined-only.ts';
import { systemClock } from './system-clock.ts';

/** The base URL of the vendor. */
export const VENDOR_BASE_URL = 'https://www.anyfast.com.cn';

/** The defaults that depend on the host. */
export type Host = Pick<PortableClientOptions, 'transport'> & Pick<ClientOptions, 'base64' | 'apiKey'>;

export function withDefaults<Options extends CommonOptions>(
  options: Options,
  host: Host,
): Options & PortableClientOptions {
  const defaults = {
    baseUrl: VENDOR_BASE_URL,
    ...host,
    clock: systemClock,
    random: Math.random,
    newIdempotencyKey: () => crypto.randomUUID(),
  };
  // Without an `apiKey` of either, the check of the options refuses it.
  return { ...defaults, ...definedOnly(options) } as Options & PortableClientOptions;
}
