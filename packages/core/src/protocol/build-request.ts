/** What may be asked of a server. */
export type Operation =
  | 'generate'
  | 'submit'
  | 'models'
  | 'list'
  | 'get'
  | 'events'
  | 'cancel'
  | 'resolve'
  | 'download';

/** What is to be sent; credentials are added by the client, and never stand in here. */
export interface HttpRequest {
  readonly operation: Operation;
  readonly method: 'GET' | 'POST';
  /** Below the base URL; of an image the whole URL. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The request for new images, without its body. */
export function buildGenerationRequest(idempotencyKey: string): HttpRequest {
  return {
    operation: 'generate',
    method: 'POST',
    target: '/v1/images/generations',
    headers: {
      accept: 'application/json',
      'content-type': 'application/json',
      // The vendor ignores it. A server that honours it answers a repeated key with the first reply.
      'idempotency-key': idempotencyKey,
    },
  };
}

/** The same, left to the queue of a history service (RFC 7240). */
export function buildSubmission(idempotencyKey: string): HttpRequest {
  const request = buildGenerationRequest(idempotencyKey);
  return { ...request, operation: 'submit', headers: { ...request.headers, prefer: 'respond-async' } };
}

export function buildGet(operation: Operation, target: string): HttpRequest {
  return { operation, method: 'GET', target, headers: { accept: 'application/json' } };
}

/** What is done to a record. */
export function buildAction(operation: Operation, target: string): HttpRequest {
  const { headers } = buildGet(operation, target);
  return { operation, method: 'POST', target, headers: { ...headers, 'content-type': 'application/json' } };
}

/** Server-sent events, those after `lastEventId` alone. */
export function buildEvents(target: string, lastEventId: string | undefined): HttpRequest {
  const headers = { accept: 'text/event-stream', ...(lastEventId && { 'last-event-id': lastEventId }) };
  return { operation: 'events', method: 'GET', target, headers };
}

/** A result image: no credentials, because its URL is signed and may refuse them (ruling 14). */
export function buildDownload(url: string): HttpRequest {
  return { operation: 'download', method: 'GET', target: url, headers: { accept: 'image/*' } };
}

/** A base URL with or without `/v1` and trailing slashes leads to the same place: people paste either. */
export function resolveUrl(baseUrl: string, path: string): string {
  return baseUrl.replace(/\/+$/, '').replace(/\/v1$/, '') + path;
}
