/** The same entry point as `index.ts` for Node and compatible hosts, with Node's HTTP client and base64. */
import { Buffer } from 'node:buffer';
import { env } from 'node:process';
import { createClient as createPortableClient, type Client } from './client/create-client.ts';
import { createHistoryClient as createPortableHistoryClient } from './client/create-history-client.ts';
import type { HistoryClient } from './client/history-client.ts';
import type { ClientOptions, HistoryClientOptions } from './client/client-options.ts';
import { withDefaults, type Host } from './client/default-options.ts';
import { bufferBase64 } from './images/buffer-base64.ts';
import { createNodeTransport } from './node/node-transport.ts';
import type { Transport } from './transport/transport.ts';

export * from './index.ts';

/** See `index.ts`. */
export function createClient(options: ClientOptions = {}): Client {
  return createPortableClient(withDefaults(options, host()));
}

/** See `index.ts`. */
export function createHistoryClient(options: HistoryClientOptions = {}): HistoryClient {
  return createPortableHistoryClient(withDefaults(options, host()));
}

/** See `index.ts`. */
export function createDefaultTransport(): Transport {
  return createNodeTransport();
}

function host(): Host {
  return { transport: createDefaultTransport(), base64: bufferBase64(Buffer), apiKey: apiKeyOfEnvironment() };
}

/** Only in this entry point, which no page loads: a key in a page is everybody's. */
function apiKeyOfEnvironment(): string | undefined {
  try {
    return env['WAN_IMAGE_API_KEY']?.trim() || undefined;
  } catch {
    // Deno throws where it may not read the environment.
    return undefined;
  }
}
