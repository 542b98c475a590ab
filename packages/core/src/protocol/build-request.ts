/** The operations of a client. */
export type Operation =
  | 'generate'
  | 'submit'
  | 'models'
  | 'list'
  | 'images'
  | 'tags'
  | 'get'
  | 'lineage'
  | 'jobs'
  | 'service'
  | 'session'
  | 'stats'
  | 'webhooks'
  | 'update'
  | 'delete'
  | 'restore'
  | 'bulk'
  | 'retention'
  | 'export'
  | 'rerun'
  | 'events'
  | 'cancel'
  | 'resolve'
  | 'download';

/** A request without its body. The client adds the credentials, so they never appear here. */
export interface HttpRequest {
  readonly operation: Operation;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path below the base URL; for a download of any other image the whole URL. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** `POST /v1/images/generations`. */
export function buildGenerationRequest(idempotencyKey: string): HttpRequest {
  return {
    operation: 'generate',
    method: 'POST',
    target: '/v1/images/generations',
    headers: {
      accept: 'application/json',
      'content-type': 'application/json',
      // The vendor ignores it. A server that honours it responds to a repeated key with the first response.
      'idempotency-key': idempotencyKey,
    },
  };
}

/** The same request, enqueued by a history service (`Prefer: respond-async`, RFC 7240). */
export function buildSubmission(idempotencyKey: string): HttpRequest {
  const request = buildGenerationRequest(idempotencyKey);
  return { ...request, operation: 'submit', headers: { ...request.headers, prefer: 'respond-async' } };
}

/** A generation once more, enqueued. */
export function buildRerun(target: string, idempotencyKey: string): HttpRequest {
  return { ...buildSubmission(idempotencyKey), operation: 'rerun', target };
}

export function buildGet(operation: Operation, target: string): HttpRequest {
  return { operation, method: 'GET', target, headers: { accept: 'application/json' } };
}

/** An action on a record, or with PUT and PATCH a change of it. It has a JSON body. */
export function buildAction(
  operation: Operation,
  target: string,
  method: 'POST' | 'PUT' | 'PATCH' = 'POST',
): HttpRequest {
  const { headers } = buildGet(operation, target);
  return { operation, method, target, headers: { ...headers, 'content-type': 'application/json' } };
}

export function buildDelete(target: string): HttpRequest {
  return { ...buildGet('delete', target), method: 'DELETE' };
}

/** Server-sent events, after `lastEventId` if it is given. */
export function buildEvents(target: string, lastEventId: string | undefined): HttpRequest {
  const headers = { accept: 'text/event-stream', ...(lastEventId && { 'last-event-id': lastEventId }) };
  return { operation: 'events', method: 'GET', target, headers };
}

/**
 * A result image. Without credentials: its URL is signed, and its host may refuse them (ruling 14). A path is that of an image of the history
 * service, which is sent with them.
 */
export function buildDownload(url: string): HttpRequest {
  return { operation: 'download', method: 'GET', target: url, headers: { accept: 'image/*' } };
}

/** What people paste after the base URL: the version, or the whole path of a request. */
const PASTED_PATH = /\/v1(?:\/(?:images(?:\/(?:generations|edits))?|generations|models))?$/;

/**
 * A path below the base URL, which may have `/v1`, the path of a request, and trailing slashes, because people paste it either way. The URL of
 * an image is no path, and stays as it is.
 */
export function resolveUrl(baseUrl: string, path: string): string {
  if (path[0] !== '/') return path;
  return withoutSlashes(withoutSlashes(baseUrl).replace(PASTED_PATH, '')) + path;
}

/** Not an expression: `/+$` takes quadratic time on a text with many slashes in the middle. */
function withoutSlashes(url: string): string {
  let end = url.length;
  while (url[end - 1] === '/') end--;
  return url.slice(0, end);
}
