import { randomUUID } from 'node:crypto';
import { createClient, createFetchTransport } from '@wan-image/core/portable';

/** As in an n8n node: it must not set timers, so the clock is an argument. */
export function connect(baseUrl, clock) {
  return createClient({
    baseUrl,
    apiKey: 'any',
    transport: createFetchTransport((url, init) => fetch(url, init)),
    clock,
    random: Math.random,
    newIdempotencyKey: randomUUID,
  });
}
