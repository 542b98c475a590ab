import type { RetryPolicy } from '../protocol/retry-policy.ts';
import type { Transport } from '../transport/transport.ts';
import type { Clock } from './clock.ts';

export interface ClientOptions {
  /** The server of the contract: the vendor, a history service or a simulator; with or without `/v1`. */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly transport: Transport;
  readonly clock: Clock;
  /** From 0 to 1. For jitter. */
  readonly random: () => number;
  /** A new key for each call, unless the caller gives one. */
  readonly newIdempotencyKey: () => string;
  /** Time limit of a whole call in milliseconds: waiting, retries and body included. Default 10 minutes (ruling 18). */
  readonly timeoutMs?: number;
  /** Default: 3 retries of what certainly did no work. */
  readonly retry?: Partial<RetryPolicy>;
  /** Sent with each request, for example `x-wan-image-client`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Fetches result pictures. Default: `transport`. */
  readonly pictureTransport?: Transport;
  /** Largest picture that is downloaded, in bytes. Default 128 MiB. */
  readonly maxPictureBytes?: number;
}

export const DEFAULT_TIMEOUT_MS = 600_000;
export const DEFAULT_MAX_PICTURE_BYTES = 128 * 1024 * 1024;
