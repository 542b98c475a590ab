import { createClient as createPortableClient, type Client } from './client/create-client.ts';
import {
  createHistoryClient as createPortableHistoryClient,
  type HistoryClient,
} from './client/create-history-client.ts';
import { withDefaults, type DefaultedClientOptions } from './client/default-options.ts';

// The one `export *`: the same names as the portable door, so that two lists cannot drift apart.
export * from './portable.ts';
export { systemClock } from './client/system-clock.ts';
export { VENDOR_BASE_URL, type DefaultedClientOptions } from './client/default-options.ts';

/** A client of the contract, with fetch, timers and randomness of the host plugged in. */
export function createClient(options: DefaultedClientOptions): Client {
  return createPortableClient(withDefaults(options));
}

/** A client of a history service, with fetch, timers and randomness of the host plugged in. */
export function createHistoryClient(options: DefaultedClientOptions): HistoryClient {
  return createPortableHistoryClient(withDefaults(options));
}
