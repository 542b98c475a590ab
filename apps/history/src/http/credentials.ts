import type { IncomingHttpHeaders } from 'node:http';

/** What a request presents to authenticate its sender. */
export interface Credential {
  /** An API key or the admin key, unchecked. */
  readonly key: string;
}

/** The credential of a request, or null. The one place that reads it from a request: nothing else looks at these headers. */
export function credentialOf({ headers }: { readonly headers: IncomingHttpHeaders }): Credential | null {
  const key = /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  return key === undefined ? null : { key };
}
