import { bufferBase64, createClient, type Client } from '@wan-image/core/portable';
import { n8nClock } from './n8n-clock.ts';
import { createN8nTransport, type N8nHost } from './n8n-transport.ts';
import { Streams } from './streams.ts';

const CREDENTIAL = 'wanImageApi';

/** Of the services that are known, the one that ignores idempotency keys: it bills each request that it gets. */
const IGNORES_KEYS = /(^|\.)anyfast\.com\.cn$/i;

export interface Connection {
  readonly client: Client;
  readonly streams: Streams;
  /** Whether a request that may have been billed can be sent again under its key. */
  readonly mayHonourKeys: boolean;
}

/** The client of core, with everything that n8n has in place of a host's own: its HTTP, its timer, its credential. */
export async function connect(host: N8nHost): Promise<Connection> {
  const { baseUrl, apiKey } = await host.getCredentials<{ baseUrl: unknown; apiKey: unknown }>(CREDENTIAL);
  const streams = new Streams();
  const client = createClient({
    baseUrl: trimmed(baseUrl),
    apiKey: trimmed(apiKey),
    transport: createN8nTransport(host, CREDENTIAL, streams.learn),
    clock: n8nClock,
    random: Math.random,
    newIdempotencyKey: () => {
      throw new Error('Each generation brings its own key.');
    },
    base64: bufferBase64(Buffer),
  });
  // The client has refused what is no URL.
  return { client, streams, mayHonourKeys: !IGNORES_KEYS.test(new URL(trimmed(baseUrl)).hostname) };
}

/** What an expression made of a field of the credential may be no text; the client says so better than an error of JavaScript. */
function trimmed(value: unknown): string {
  return (typeof value === 'string' ? value.trim() : value) as string;
}
