import { createClient, MAX_INPUT_IMAGE_BYTES, type Client } from '@wan-image/core';

/** Injection token: the client is not a class. */
export const INPUT_DOWNLOADS = Symbol('INPUT_DOWNLOADS');

/** Timeout for one image: shorter than the pause after the first attempt, so that no other process starts meanwhile. */
const TIME_LIMIT_MS = 120_000;

/**
 * Besides the public internet, a client trusts the host of its own base URL. Callers choose the URLs of inputs, and must not reach the
 * upstream's host through them, so this client has a base URL that never resolves (RFC 6761) and is never requested.
 */
const NOWHERE = 'https://wan-image.invalid';

/** Fetches images from URLs that callers have given, up to the contract's 20 MB. Failed attempts are repeated from the table, not here. */
export function createInputDownloads(allowPrivateHosts: boolean): Pick<Client, 'download'> {
  return createClient({
    baseUrl: NOWHERE,
    apiKey: 'none',
    timeoutMs: TIME_LIMIT_MS,
    maxImageBytes: MAX_INPUT_IMAGE_BYTES,
    allowPrivateHosts,
    retry: { maxRetries: 0 },
  });
}
