import { lookup } from 'node:dns';
import {
  createDefaultTransport,
  hostProblem,
  isTransportError,
  retryAfterMs,
  type Transport,
  type TransportResponse,
} from '@wan-image/core';
import { VERSION } from '../config/version.ts';

/** What came of one try. */
export interface TryResult {
  readonly isDelivered: boolean;
  /** Why it failed; null if it did not. */
  readonly reason: string | null;
  /** Null without a response. */
  readonly status: number | null;
  /** The beginning of the body, as text; null without a response. */
  readonly body: string | null;
  /** How long the endpoint asks to wait, in milliseconds; null if it does not. */
  readonly retryAfterMs: number | null;
  /** Whether the process stopped it. It says nothing about the endpoint. */
  readonly isAborted: boolean;
}

/** The endpoint wants no more events, ever. */
export const GONE = 410;

/** For the whole exchange: connecting, sending, and reading the response. */
const TRY_LIMIT_MS = 20_000;

/** How much of the body of a response is read, in bytes. */
const MAX_BODY_BYTES = 1_024;

/** How long a name may take to resolve when a webhook is created or changed: longer than a working resolver needs. */
const LOOKUP_LIMIT_MS = 3_000;

const NOT_PUBLIC =
  'The url leads to an address that is not on the public internet, so nothing was sent. To allow such addresses, set WEBHOOK_PRIVATE_HOSTS=true.';

/** Sends requests to the endpoints of webhooks: to public addresses alone unless others are allowed, and never to where one redirects. */
export class WebhookEndpoints {
  readonly #transport: Transport;

  /** `limitMs` is for tests that cannot wait. */
  constructor(
    private readonly allowPrivateHosts: boolean,
    private readonly limitMs: number = TRY_LIMIT_MS,
  ) {
    this.#transport = createDefaultTransport();
  }

  /**
   * Why a URL cannot be that of a webhook; null if it can, as far as is known now. Each try checks the address that it connects to, so this
   * only tells early what would fail later.
   */
  async problemOf(url: string): Promise<string | null> {
    if (!URL.canParse(url)) return 'url is not a valid URL: check its host and port.';
    if (this.allowPrivateHosts) return null;
    const { hostname } = new URL(url);
    const isPublic = hostProblem(new URL(url)) === null && (await addressesOf(hostname)).every(isPublicAddress);
    if (isPublic) return null;
    return `url leads to ${hostname}, which is not on the public internet. Use a public host or, if the service may reach its own network, set WEBHOOK_PRIVATE_HOSTS=true and restart it.`;
  }

  /** One try. Never rejects. `now` is the time of the try. */
  async send(
    url: string,
    headers: Readonly<Record<string, string>>,
    text: string,
    { now, signal }: { readonly now: Date; readonly signal: AbortSignal },
  ): Promise<TryResult> {
    const limit = AbortSignal.timeout(this.limitMs);
    const bytes = new TextEncoder().encode(text);
    try {
      const response = await this.#transport({
        method: 'POST',
        url,
        headers: {
          'content-type': 'application/json',
          'user-agent': `wan-image-history/${VERSION.version}`,
          ...headers,
        },
        body: { length: bytes.length, chunks: () => chunksOf(bytes) },
        signal: AbortSignal.any([signal, limit]),
        publicOnly: !this.allowPrivateHosts,
      });
      return await resultOf(response, now);
    } catch (error) {
      const isAborted = signal.aborted && !limit.aborted;
      return { ...FAILED, isAborted, reason: this.#reasonOf(error, isAborted, limit.aborted) };
    }
  }

  #reasonOf(error: unknown, isAborted: boolean, isTimeout: boolean): string {
    if (isAborted) return 'The service was shut down during the try.';
    if (isTimeout) return `The endpoint did not respond within ${this.limitMs / 1000} s.`;
    // A URL and headers that were checked are refused for their address alone. The address itself is none of the project's business.
    if (isTransportError(error) && error.refused) return NOT_PUBLIC;
    return `${error instanceof Error ? error.message : 'The request failed'}.`;
  }
}

const FAILED: TryResult = {
  isDelivered: false,
  reason: null,
  status: null,
  body: null,
  retryAfterMs: null,
  isAborted: false,
};

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  yield bytes;
}

async function resultOf({ status, headers, body }: TransportResponse, now: Date): Promise<TryResult> {
  return {
    isDelivered: status >= 200 && status < 300,
    reason: reasonOfStatus(status),
    status,
    body: await beginningOf(body),
    retryAfterMs: retryAfterMs(headers, now.getTime()),
    isAborted: false,
  };
}

function reasonOfStatus(status: number): string | null {
  if (status >= 200 && status < 300) return null;
  const failed = `The endpoint responded with status ${status}`;
  if (status >= 300 && status < 400)
    return `${failed}: redirects are not followed. Let the url of the webhook be the final address.`;
  return `${failed}.`;
}

/**
 * The beginning of a body, as text. Its status has told what came of the try, so a body that breaks off or trickles only ends here. Leaving
 * the loop closes the connection.
 */
async function beginningOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let missing = MAX_BODY_BYTES;
  try {
    for await (const chunk of body) {
      // A character that the limit cuts is left out.
      text += decoder.decode(chunk.subarray(0, missing), { stream: true });
      missing -= Math.min(missing, chunk.length);
      if (missing === 0) break;
    }
  } catch {
    // What has arrived is all there is.
  }
  // A text of the database has no NUL.
  return text.replaceAll('\0', '\u{fffd}');
}

/** Of a name that does not resolve, or not soon, none. */
async function addressesOf(hostname: string): Promise<readonly string[]> {
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const found = new Promise<readonly string[]>((resolve) => {
    lookup(host, { all: true }, (error, addresses) => resolve(error ? [] : addresses.map(({ address }) => address)));
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<readonly string[]>((resolve) => (timer = setTimeout(resolve, LOOKUP_LIMIT_MS, [])));
  try {
    return await Promise.race([found, late]);
  } finally {
    clearTimeout(timer);
  }
}

function isPublicAddress(address: string): boolean {
  return (
    hostProblem(new URL(address.includes(':') ? `http://[${address.split('%', 1)[0]}]` : `http://${address}`)) === null
  );
}
