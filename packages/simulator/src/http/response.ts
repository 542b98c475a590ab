import type { ServerResponse } from 'node:http';

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  send(response, status, JSON.stringify(body), { 'content-type': 'application/json; charset=utf-8', ...headers });
}

export function send(
  response: ServerResponse,
  status: number,
  body: string | Buffer,
  headers: Record<string, string>,
): void {
  response.writeHead(status, { 'content-length': String(Buffer.byteLength(body)), ...headers });
  response.end(body);
}

/** Sends an error like the vendor's, whose message repeats the request id of the header. */
export function sendError(
  response: ServerResponse,
  status: number,
  error: VendorError,
  headers: Record<string, string> = {},
): void {
  sendJson(response, status, errorBodyOf(error, requestIdOf(response)), headers);
}

export interface VendorError {
  readonly message: string;
  readonly type?: string;
  readonly param?: string | null;
  readonly code?: string | null;
}

export function errorBodyOf(error: VendorError, requestId: string): object {
  return { error: { ...error, message: `${error.message} (request id: ${requestId})` } };
}

export function requestIdOf(response: ServerResponse): string {
  return String(response.getHeader('x-oneapi-request-id'));
}

/** Sends the error page of a proxy. */
export function sendWebPage(response: ServerResponse, status: number): void {
  const page = `<html>\r\n<head><title>${status} Bad Gateway</title></head>\r\n<body><center><h1>${status} Bad Gateway</h1></center></body>\r\n</html>\r\n`;
  send(response, status, page, { 'content-type': 'text/html' });
}
