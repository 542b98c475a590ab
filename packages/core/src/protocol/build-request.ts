import type { GenerationRequest } from '../contract/generation-request.ts';

/** What is to be sent; the authorization is added by the client, and never stands in here. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** Below the base URL. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** `extra` is what the vendor has beyond the contract; it cannot override a parameter of the contract. */
export function buildGenerationRequest(
  request: GenerationRequest,
  extra: Readonly<Record<string, unknown>>,
  idempotencyKey: string,
): HttpRequest {
  return {
    method: 'POST',
    path: '/v1/images/generations',
    headers: {
      accept: 'application/json',
      'content-type': 'application/json',
      // The vendor ignores it. A server that honours it answers a repeated key with the first reply.
      'idempotency-key': idempotencyKey,
    },
    body: JSON.stringify({ ...extra, ...request }),
  };
}

export function buildGet(path: string): HttpRequest {
  return { method: 'GET', path, headers: { accept: 'application/json' }, body: null };
}

/** A base URL with or without `/v1` and trailing slashes leads to the same place: people paste either. */
export function resolveUrl(baseUrl: string, path: string): string {
  return baseUrl.replace(/\/+$/, '').replace(/\/v1$/, '') + path;
}
