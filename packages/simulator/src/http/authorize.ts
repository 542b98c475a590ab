import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendError } from './response.ts';

/** Any Bearer token but `invalid` passes. Answers the request and returns false where it does not. */
export function authorize(request: IncomingMessage, response: ServerResponse): boolean {
  const token = /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) {
    // Just so does the vendor answer: a message and nothing else.
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
