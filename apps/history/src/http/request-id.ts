import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** An id that a client may choose: safe in a header and in a log line. */
const VALID = /^[\w.:/-]{1,128}$/;

/** The client's own `x-request-id` if it is valid, else a new one. */
export function requestIdOf(request: IncomingMessage): string {
  const requested = request.headers['x-request-id'];
  return typeof requested === 'string' && VALID.test(requested) ? requested : randomUUID();
}
