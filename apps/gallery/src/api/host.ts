import { createFetchTransport, systemClock, type PortableHistoryClientOptions } from '@wan-image/core';
import { randomId } from './random-id.ts';

/** A longer wait than this is told to the user, who decides what to do meanwhile, instead of a button that seems to hang. */
const LONGEST_WAIT_MS = 3000;

/** How the page reaches the service that served it. Requests carry the session cookie, which no script can read, so there is no API key. */
export const host: PortableHistoryClientOptions = {
  apiKey: null,
  baseUrl: location.origin,
  retry: { maxDelayMs: LONGEST_WAIT_MS },
  headers: { 'x-wan-image-client': 'gallery' },
  transport: createFetchTransport((url, init) => fetch(url, init)),
  clock: systemClock,
  random: Math.random,
  newIdempotencyKey: randomId,
};
