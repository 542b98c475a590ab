import type { Base64Codec } from '../images/base64-codec.ts';
import type { RetryPolicy } from '../protocol/retry-policy.ts';
import type { Transport } from '../transport/transport.ts';
import type { Clock } from './clock.ts';
import type { Hooks } from './hooks.ts';

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
  /** How long the body of an answer may be silent, in milliseconds. Default 2 minutes. */
  readonly idleTimeoutMs?: number;
  /** Default: 3 retries of what certainly did no work. */
  readonly retry?: Partial<RetryPolicy>;
  /** Sent with each request to the server, for example `x-wan-image-client`; never to an image's URL. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly hooks?: Hooks;
  /** Largest image that is taken, in bytes. Default 128 MiB. */
  readonly maxImageBytes?: number;
  /** Fetches images from private addresses too, not only from the public internet and the server's own host. Default false. */
  readonly allowPrivateHosts?: boolean;
  /** The host's own base64, where it has a fast one. Default: one that runs everywhere. */
  readonly base64?: Base64Codec;
}

const DEFAULT_TIMEOUT_MS = 600_000;
export const DEFAULT_IDLE_TIMEOUT_MS = 120_000;
export const DEFAULT_MAX_IMAGE_BYTES = 128 * 1024 * 1024;

/** Most bytes of JSON beside the images of a reply, and of any other answer. */
export const MAX_JSON_BYTES = 16 * 1024 * 1024;

/** The time limit of a call, in milliseconds. */
export function timeLimitOf(options: ClientOptions, { timeoutMs }: Pick<ClientOptions, 'timeoutMs'>): number {
  return timeoutMs ?? options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
}
