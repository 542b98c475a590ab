import { createClient, MAX_INPUT_IMAGE_BYTES, type Client } from '@wan-image/core';

/** For injection: the client is no class. */
export const INPUT_DOWNLOADS = Symbol('INPUT_DOWNLOADS');

/** How long one image may take: shorter than the pause after the first try, so that no other process begins meanwhile. */
const TIME_LIMIT_MS = 120_000;

/**
 * What a client trusts besides the public internet is the host of its own base URL. Callers name the URLs of inputs, and must not reach
 * the upstream's host by them, so this one has a base URL that leads nowhere (RFC 6761) and is never called.
 */
const NOWHERE = 'https://wan-image.invalid';

/** Fetches images that callers have named, up to the contract's 20 MB. What fails is tried again from the table, not here. */
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
