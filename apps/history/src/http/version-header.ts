import type { ServerResponse } from 'node:http';
import { VERSION } from '../config/version.ts';

/** The header by which a client recognizes a history service, which bills a repeated `Idempotency-Key` once. */
const NAME = 'wan-image-history';

/** Set on the raw response, so that responses which bypass Fastify have it too. */
export function setVersionHeader(raw: ServerResponse): void {
  raw.setHeader(NAME, VERSION.version);
}
