import { randomUUID } from 'node:crypto';
import { createClient, createFetchTransport } from '@wan-image/core/portable';

/** As in an n8n node, which may not set timers: the clock is given. */
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
