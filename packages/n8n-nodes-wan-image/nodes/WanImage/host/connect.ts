import { bufferBase64, createClient, type Client } from '@wan-image/core/portable';
import { n8nClock } from './n8n-clock.ts';
import { createN8nTransport, type N8nHost } from './n8n-transport.ts';
import { Streams } from './streams.ts';

const CREDENTIAL = 'wanImageApi';

/** The one known service that ignores idempotency keys and bills every request. */
const IGNORES_KEYS = /(^|\.)anyfast\.com\.cn$/i;

export interface Connection {
  readonly client: Client;
  readonly streams: Streams;
  /** Whether it is safe to repeat a request that may have been billed, under its idempotency key. */
  readonly mayHonourKeys: boolean;
}

/** The client of core with n8n's HTTP helpers, timer and credential. */
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
      throw new Error('Each generation of the node has its own idempotency key.');
    },
    base64: bufferBase64(Buffer),
  });
  // createClient has validated the URL.
  return { client, streams, mayHonourKeys: !IGNORES_KEYS.test(new URL(trimmed(baseUrl)).hostname) };
}

/** An expression in the credential may give any value. One that is no text is left for the client, which names the field. */
function trimmed(value: unknown): string {
  return (typeof value === 'string' ? value.trim() : value) as string;
}
