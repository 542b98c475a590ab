import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendError } from './response.ts';

/** Accepts any Bearer token except `invalid`. Otherwise sends the response and returns false. */
export function authorize(request: IncomingMessage, response: ServerResponse): boolean {
  const token = /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) {
    // The vendor's error has only a message here.
    sendError(response, 401, { message: 'No token provided' });
    return false;
  }
  if (token === 'invalid') {
    sendError(response, 401, {
      message: 'Invalid token',
      type: 'authentication_error',
      param: null,
      code: 'invalid_api_key',
    });
    return false;
  }
  return true;
}
