import type { ClientOptions } from './client-options.ts';
import { systemClock } from './system-clock.ts';
import { createFetchTransport } from '../transport/fetch-transport.ts';

/** The vendor's own host. */
export const VENDOR_BASE_URL = 'https://www.anyfast.com.cn';

/** Only the key is required: the rest is what the host has. */
export type DefaultedClientOptions = Pick<ClientOptions, 'apiKey'> & Partial<ClientOptions>;

export function withDefaults(options: DefaultedClientOptions): ClientOptions {
  return {
    baseUrl: VENDOR_BASE_URL,
    // Not `fetch` itself: looked up at each call, so that a test or a tracer may replace it.
    transport: createFetchTransport((url, init) => fetch(url, init)),
    clock: systemClock,
    random: Math.random,
    newIdempotencyKey: () => crypto.randomUUID(),
    ...options,
  };
}
