import {
  bufferBase64,
  createClient,
  createGenerationLibrary,
  isHistoryService,
  isWanImageError,
  type ApiKeyScope,
  type Client,
  type DownloadOptions,
  type GenerationLibrary,
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

/** What the service said of itself. */
interface ServiceFacts {
  readonly isHistory: boolean;
  /** What the API key may do. Empty where the service does not say it. */
  readonly scopes: readonly ApiKeyScope[];
}

const NO_HISTORY: ServiceFacts = { isHistory: false, scopes: [] };

/** An image of a response, and the generation that it belongs to. */
interface Location {
  readonly url: string;
  readonly index: number;
  readonly generationId: string | null;
}

export interface Connection {
  readonly client: Client;
  /** What a history service can do. */
  readonly library: GenerationLibrary;
  readonly streams: Streams;
  /** Whether it is a history service: it is asked once, by `GET /v1/service`. */
  readonly service: () => Promise<ServiceFacts>;
  /** The bytes of an image: from a history service by its id and with the API key, from any other by its URL. */
  readonly download: (image: Location, options?: DownloadOptions) => AsyncIterable<Uint8Array>;
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
  readonly #learned = new Learned();

  constructor(host: N8nHost) {
    this.#host = host;
  }

  async of(item: number): Promise<Connection> {
    const values = await this.#host.getCredentials<CredentialValues>(CREDENTIAL, item);
    const transport = createN8nTransport(this.#host, { credential: CREDENTIAL, item }, this.#learned.streams.learn);
    return connectionOf(values, transport, this.#learned);
  }
}

/** What the responses of a run have shown. */
class Learned {
  readonly streams = new Streams();
  /** The base URLs of history services. */
  readonly histories = new Set<string>();
  /** What services say of themselves, by base URL and API key. */
  readonly asked = new Map<string, Promise<ServiceFacts>>();
}

/** The client of core with n8n's timer and any transport. Throws a `WanImageError` for values that no request can be sent with. */
export function connectionOf(
  values: CredentialValues,
  transport: Transport,
  { streams, histories, asked } = new Learned(),
): Connection {
  const baseUrl = trimmed(values.baseUrl);
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
  const library = createGenerationLibrary(options);
  const isHistory = (): boolean => histories.has(baseUrl);
  const service = async (): Promise<ServiceFacts> => {
    const key = `${baseUrl}\n${options.apiKey}`;
    const asking = asked.get(key) ?? rememberedFacts(key, () => factsOf(library, isHistory));
    asked.set(key, asking);
    const facts = await asking;
    if (facts.isHistory) histories.add(baseUrl);
    return facts;
  };
  return {
    client,
    library,
    streams,
    service,
    async *download({ url, index, generationId }, downloadOptions) {
      const byId = generationId !== null && (await service()).scopes.includes('read');
      // The URL has the address that the service is told it has, which n8n may be unable to reach.
      yield* byId
        ? library.downloadImage(`${generationId}-${index}`, downloadOptions)
        : client.download(url, downloadOptions);
    },
    isHistory,
    honoursKeys: async () => {
      if (!isHistory()) await client.models(QUICK).catch(() => undefined);
      return isHistory();
    },
  };
}

/** By base URL and API key, for all executions of this process. */
const known = new Map<string, { readonly facts: ServiceFacts; readonly until: number }>();

const KNOWN_FOR_MS = 600_000;

/** More credentials than these have expressions for keys. */
const MAX_KNOWN = 200;

/** Forgets what services have said, as a restart of n8n does. */
export function forgetServices(): void {
  known.clear();
}

async function rememberedFacts(key: string, ask: () => Promise<ServiceFacts | null>): Promise<ServiceFacts> {
  const remembered = known.get(key);
  if (remembered !== undefined && remembered.until > Date.now()) return remembered.facts;
  const facts = await ask();
  if (facts === null) return NO_HISTORY;
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(key, { facts, until: Date.now() + KNOWN_FOR_MS });
  return facts;
}

/** Null if the service did not respond, which says nothing about it. A history service has its header in each response, whatever its status. */
async function factsOf(library: GenerationLibrary, isHistory: () => boolean): Promise<ServiceFacts | null> {
  try {
    const { scopes } = await library.service(QUICK);
    return isHistory() ? { isHistory: true, scopes } : NO_HISTORY;
  } catch (error) {
    if (!isWanImageError(error) || error.status === null || error.status >= 500 || error.status === 429) return null;
    if (!isHistory()) return NO_HISTORY;
    // A version before this route, or a key that is refused: what the key may do is not known, so nothing is built on it.
    return { isHistory: true, scopes: [] };
  }
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
