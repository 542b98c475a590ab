import { bufferBase64, createClient, type Client } from '@wan-image/core/portable';
import { sleep } from 'n8n-workflow';
import { createN8nTransport, type N8nHost } from './n8n-transport.ts';
import { Streams } from './streams.ts';

const CREDENTIAL = 'wanImageApi';

export interface Connection {
  readonly client: Client;
  readonly streams: Streams;
}

/** The client of core, with everything that n8n has in place of a host's own: its HTTP, its timer, its credential. */
export async function connect(host: N8nHost): Promise<Connection> {
  const { baseUrl, apiKey } = await host.getCredentials<{ baseUrl: string; apiKey: string }>(CREDENTIAL);
  const streams = new Streams();
  const client = createClient({
    baseUrl: baseUrl.trim(),
    apiKey: apiKey.trim(),
    transport: createN8nTransport(host, CREDENTIAL, streams.learn),
    clock: { now: Date.now, sleep: (ms, signal) => sleep(Math.min(ms, LONGEST_SLEEP_MS), signal) },
    random: Math.random,
    newIdempotencyKey: () => {
      throw new Error('Each generation brings its own key.');
    },
    base64: bufferBase64(Buffer),
  });
  return { client, streams };
}

/** A timer that is asked for longer does not wait at all. */
const LONGEST_SLEEP_MS = 2 ** 31 - 1;
