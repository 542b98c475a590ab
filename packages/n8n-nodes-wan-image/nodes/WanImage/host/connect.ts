import {
  bufferBase64,
  createClient,
  createGenerationReader,
  isHistoryService,
  type Client,
  type GenerationReader,
  type PortableClientOptions,
  type Transport,
} from '@wan-image/core/portable';
import { n8nClock } from './n8n-clock.ts';
import { createN8nTransport, type N8nHost } from './n8n-transport.ts';
import { Streams } from './streams.ts';

const CREDENTIAL = 'wanImageApi';

/** For questions that cost nothing: too little to wait long for. */
const QUICK = { timeoutMs: 20_000, retry: { maxRetries: 0 } };

/** As an expression or a person gives it, so each value may be of any type. */
export interface CredentialValues {
  readonly baseUrl?: unknown;
  readonly apiKey?: unknown;
  readonly imageHosts?: unknown;
}

export interface Connection {
  readonly client: Client;
  readonly history: GenerationReader;
  readonly streams: Streams;
  /** Whether responses have shown a history service. */
  readonly isHistory: () => boolean;
  /**
   * Whether a repeated idempotency key is billed once. Only a history service promises that, so its header is the proof; without any
   * response so far, one is requested that costs nothing.
   */
  readonly honoursKeys: () => Promise<boolean>;
}

/** The connections of a run: each item has its own credential values, because those may be expressions. */
export class Connections {
  readonly #host: N8nHost;
  readonly #streams = new Streams();
  readonly #histories = new Set<string>();

  constructor(host: N8nHost) {
    this.#host = host;
  }

  async of(item: number): Promise<Connection> {
    const values = await this.#host.getCredentials<CredentialValues>(CREDENTIAL, item);
    const baseUrl = trimmed(values.baseUrl);
    const transport = createN8nTransport(this.#host, { credential: CREDENTIAL, item }, this.#streams.learn);
    return connectionOf(values, transport, this.#streams, this.#histories, baseUrl);
  }
}

/** The client of core with n8n's timer and any transport. Throws a `WanImageError` for values that no request can be sent with. */
export function connectionOf(
  values: CredentialValues,
  transport: Transport,
  streams = new Streams(),
  histories = new Set<string>(),
  baseUrl = trimmed(values.baseUrl),
): Connection {
  const options: PortableClientOptions = {
    baseUrl,
    apiKey: trimmed(values.apiKey),
    trustedHosts: hostsIn(values.imageHosts),
    transport: async (request) => {
      const response = await transport(request);
      // Not of downloads: those may come from anywhere.
      if ('authorization' in request.headers && isHistoryService(response.headers)) histories.add(baseUrl);
      return response;
    },
    clock: n8nClock,
    random: Math.random,
    newIdempotencyKey: () => {
      throw new Error('Each generation of the node has its own idempotency key.');
    },
    base64: bufferBase64(Buffer),
  };
  const client = createClient(options);
  const isHistory = (): boolean => histories.has(baseUrl);
  return {
    client,
    history: createGenerationReader(options),
    streams,
    isHistory,
    honoursKeys: async () => {
      if (!isHistory()) await client.models(QUICK).catch(() => undefined);
      return isHistory();
    },
  };
}

/** An expression in the credential may give any value. One that is no text is left for the client, which names the field. */
function trimmed(value: unknown): string {
  return (typeof value === 'string' ? value.trim() : value) as string;
}

/** Separated by commas or blanks. A whole URL stands for its host, because people paste URLs. */
function hostsIn(value: unknown): string[] {
  const hosts = typeof value === 'string' ? value.split(/[\s,;]+/) : [];
  return hosts.filter((host) => host !== '').map((host) => host.replace(/^https?:\/\/([^/?#]+).*$/i, '$1'));
}
