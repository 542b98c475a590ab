import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';

/** The header by which a client recognizes a history service, which bills a repeated `Idempotency-Key` once. */
const NAME = 'wan-image-history';

/** The version of this service. `src` and `dist` are equally deep, so the manifest has the same path from both. */
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  readonly version: string;
};

/** Set on the raw response, so that responses which bypass Fastify have it too. */
export function setVersionHeader(raw: ServerResponse): void {
  raw.setHeader(NAME, version);
}
