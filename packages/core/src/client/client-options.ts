import type { Base64Codec } from '../images/base64-codec.ts';
import type { RetryPolicy } from '../protocol/retry-policy.ts';
import type { Transport } from '../transport/transport.ts';
import type { Clock } from './clock.ts';
import type { Hooks } from './hooks.ts';

/** The options of a client. Unknown names are refused, so that a typo does not silently use a default that costs money. */
export interface ClientOptions {
  /** The URL of the vendor, of a history service or of a simulator, with or without `/v1`. */
  readonly baseUrl: string;
  /** Sent as `Authorization: Bearer`, to `baseUrl` only. Never appears in an error, a hook or a log. */
  readonly apiKey: string;
  /** The HTTP client. */
  readonly transport: Transport;
  /** The timers. */
  readonly clock: Clock;
  /** A number from 0 to 1, for the jitter of retry delays. */
  readonly random: () => number;
  /** Creates the idempotency key of a call that has none. */
  readonly newIdempotencyKey: () => string;
  /** Timeout of a whole call in milliseconds, including retries and the body of the response. Default 600,000 (10 minutes, ruling 18). */
  readonly timeoutMs?: number;
  /** Maximum pause between two chunks of a response body, in milliseconds. Default 120,000 (2 minutes). */
  readonly idleTimeoutMs?: number;
  /** Default: up to 3 retries of requests that certainly did no work. */
  readonly retry?: Partial<RetryPolicy>;
  /** Sent with each request to `baseUrl`, for example `x-wan-image-client`; never to the URL of an image. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Callbacks for logs, metrics and traces. */
  readonly hooks?: Hooks;
  /** Maximum size of an image in bytes. Default 134,217,728 (128 MiB). */
  readonly maxImageBytes?: number;
  /** Downloads images from private addresses too, not only from the public internet and the host of `baseUrl`. Default false. */
  readonly allowPrivateHosts?: boolean;
  /**
   * Hosts on private addresses, as `name` or `name:port`, from which images are downloaded too. The host of `baseUrl` is one of them by
   * itself, under every loopback name (`localhost`, `127.0.0.1`, `[::1]`) if it is this machine. Default: none.
   */
  readonly trustedHosts?: readonly string[];
  /** A native base64 codec. Default: one in JavaScript that runs everywhere. */
  readonly base64?: Base64Codec;
}

const DEFAULT_TIMEOUT_MS = 600_000;
export const DEFAULT_IDLE_TIMEOUT_MS = 120_000;
export const DEFAULT_MAX_IMAGE_BYTES = 128 * 1024 * 1024;

/** Maximum size of a JSON response, without its images, in bytes. */
export const MAX_JSON_BYTES = 16 * 1024 * 1024;

/** The timeout of a call, in milliseconds. */
export function timeoutOf(options: ClientOptions, { timeoutMs }: Pick<ClientOptions, 'timeoutMs'>): number {
  return timeoutMs ?? options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
}
