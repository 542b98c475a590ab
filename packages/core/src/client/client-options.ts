import type { Base64Codec } from '../images/base64-codec.ts';
import type { RetryPolicy } from '../protocol/retry-policy.ts';
import type { Transport } from '../transport/transport.ts';
import type { Clock } from './clock.ts';
import type { Hooks } from './hooks.ts';

/**
 * The options of every client, except its key. Unknown names are refused, so that a typo does not silently use a default that costs money;
 * undefined means the default.
 */
export interface CommonOptions {
  /**
   * The URL of the vendor (the default, `https://www.anyfast.com.cn`), of a history service or of a simulator; with or without `/v1` or the
   * path of a request.
   */
  readonly baseUrl?: string | undefined;
  /** Timeout of a whole call in milliseconds, including retries and the body of the response. Default 600,000: a generation may take minutes. */
  readonly timeoutMs?: number | undefined;
  /** Maximum pause between two chunks of a response body, in milliseconds. Default 120,000 (2 minutes). */
  readonly idleTimeoutMs?: number | undefined;
  /** Which requests are sent again, and when. Default: up to 3 retries of requests that certainly did no work. */
  readonly retry?: Partial<RetryPolicy> | undefined;
  /** Sent with each request to `baseUrl`, for example `x-wan-image-client`; never to the URL of an image. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Callbacks for logs, metrics and traces. */
  readonly hooks?: Hooks | undefined;
  /** Maximum size of an image in bytes. Default 134,217,728 (128 MiB). */
  readonly maxImageBytes?: number | undefined;
  /** Downloads images from private addresses too, not only from the public internet and the host of `baseUrl`. Default false. */
  readonly allowPrivateHosts?: boolean | undefined;
  /**
   * Hosts on private addresses, as `name` or `name:port`, from which images are downloaded too. The host of `baseUrl` is one of them by
   * itself, under every loopback name (`localhost`, `127.0.0.1`, `[::1]`) if it is this machine. Default: none.
   */
  readonly trustedHosts?: readonly string[] | undefined;
  /** The HTTP client. Default: Node's own on Node, Bun and Deno, otherwise `fetch`. */
  readonly transport?: Transport | undefined;
  /** A native base64 codec. Default: Node's on Node, Bun and Deno, otherwise one in JavaScript that runs everywhere. */
  readonly base64?: Base64Codec | undefined;
  /** The timers. Default: those of the host. */
  readonly clock?: Clock | undefined;
  /** A number from 0 to 1, for the jitter of retry delays. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
  /** Creates the idempotency key of a call that has none. Default `crypto.randomUUID`. */
  readonly newIdempotencyKey?: (() => string) | undefined;
}

/** The options of `createClient`. */
export interface ClientOptions extends CommonOptions {
  /**
   * Sent as `Authorization: Bearer`, to `baseUrl` only. Never appears in an error, a hook or a log. Default on Node, Bun and Deno: the
   * environment variable `WAN_IMAGE_API_KEY`. Elsewhere it is required: a page must not have one.
   */
  readonly apiKey?: string | undefined;
}

/** The options of `createHistoryClient`. */
export interface HistoryClientOptions extends CommonOptions, ProjectOption {
  /**
   * As that of `createClient`; or null, for requests without a key: in a page of the history service itself, whose session cookie the
   * browser sends (see `session`), and for a service that runs without keys.
   */
  readonly apiKey?: string | null | undefined;
}

/** What a read of a history service reads. */
export interface ProjectOption {
  /**
   * The project that `list`, `page`, `get` and `events` read: its id, or `all`. Requires the admin key, unless it is the project of the API
   * key. Default: the project of the API key; the default project with the admin key. What is created or changed always belongs to the
   * project of the key.
   */
  readonly projectId?: string | undefined;
}

/** What depends on the host, and so has no default in the portable entry point. */
interface RequiredOptions extends CommonOptions {
  /** The URL of the vendor, of a history service or of a simulator; with or without `/v1` or the path of a request. */
  readonly baseUrl: string;
  /** The HTTP client: `createFetchTransport(fetch)`, or your own. */
  readonly transport: Transport;
  /** The timers. */
  readonly clock: Clock;
  /** A number from 0 to 1, for the jitter of retry delays. */
  readonly random: () => number;
  /** Creates the idempotency key of a call that has none. */
  readonly newIdempotencyKey: () => string;
}

/** The options of `createClient` of the portable entry point: what depends on the host has no default there. */
export interface PortableClientOptions extends RequiredOptions {
  /** Sent as `Authorization: Bearer`, to `baseUrl` only. Never appears in an error, a hook or a log. */
  readonly apiKey: string;
}

/** What a call needs, with a key or without. */
export interface ConnectionOptions extends RequiredOptions {
  /** Sent as `Authorization: Bearer`, to `baseUrl` only. Null: no key is sent, and a browser sends the session cookie of its page. */
  readonly apiKey: string | null;
}

/** The options of `createHistoryClient` of the portable entry point. */
export interface PortableHistoryClientOptions extends ConnectionOptions, ProjectOption {}

const DEFAULT_TIMEOUT_MS = 600_000;
export const DEFAULT_IDLE_TIMEOUT_MS = 120_000;
export const DEFAULT_MAX_IMAGE_BYTES = 128 * 1024 * 1024;

/** Maximum size of a JSON response, without its images, in bytes. */
export const MAX_JSON_BYTES = 16 * 1024 * 1024;

/** The timeout of a call, in milliseconds. */
export function timeoutOf(
  options: Pick<ClientOptions, 'timeoutMs'>,
  { timeoutMs }: Pick<ClientOptions, 'timeoutMs'>,
): number {
  return timeoutMs ?? options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
}
