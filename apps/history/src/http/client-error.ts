import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { ErrorBody } from '@wan-image/core';
import type { Logger } from 'pino';
import { kindOf } from './error-response.ts';

interface Refusal {
  readonly status: number;
  readonly message: string;
}

/** The request line and all headers together. A list of 1,000 ids has 40 KB; Node would allow 16. */
export const MAX_HEADER_BYTES = 64 * 1024;

const BY_CODE: Readonly<Record<string, Refusal>> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    message: `The URL and the headers are larger than ${MAX_HEADER_BYTES / 1024} KB. Send fewer or shorter ones, such as fewer cookies.`,
  },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: {
    status: 413,
    message: 'The chunk extensions of the body are larger than 16 KB. Send chunks without extensions.',
  },
};

const MALFORMED: Refusal = {
  status: 400,
  message:
    'The request is not valid HTTP/1.1. Check its request line, its headers, and that it states one length of its body.',
};

function tooLate(headersMs: number): Refusal {
  return {
    status: 408,
    message: `The request did not arrive in time: its headers have ${headersMs / 1000} s, and its body 15 minutes. Send it again.`,
  };
}

/** How long a refused client may go on sending: a connection that is closed while its client still sends is reset, response and all. */
const READ_AWAY_MS = 2000;

/** Connections that this service has ended because of what came on them. */
const refused = new WeakSet<Socket>();

/**
 * Whether the connection was ended by a refusal. Node goes on reading it, so the rest of a request that came too late can still arrive and
 * make it complete, although its client was told to send it again.
 */
export function isRefused(socket: Socket): boolean {
  return refused.has(socket);
}

/** Ends a connection, after `response` if there is one. What arrives on it from now on must not be run. */
export function endRefused(socket: Socket, response = ''): void {
  refused.add(socket);
  socket.end(response);
}

/** Refuses a request that is not valid HTTP, in the form of every other error, and closes its connection. */
export function refuseMalformed(error: NodeJS.ErrnoException, socket: Socket, headersMs: number, logger: Logger): void {
  const isLate = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  const { status, message } = isLate ? tooLate(headersMs) : (BY_CODE[error.code ?? ''] ?? MALFORMED);
  const requestId = randomUUID();
  logger.info({ request_id: requestId, status, code: error.code }, 'a malformed request was refused');
  if (!socket.writable) return void socket.destroy();
  const [type, code] = kindOf(status);
  const body: ErrorBody = { error: { message, type, param: null, code } };
  const text = JSON.stringify(body);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(text)}`,
    `x-request-id: ${requestId}`,
    'x-content-type-options: nosniff',
    'connection: close',
  ];
  const timer = setTimeout(() => socket.destroy(), READ_AWAY_MS);
  socket.once('close', () => clearTimeout(timer));
  endRefused(socket, `${head.join('\r\n')}\r\n\r\n${text}`);
}
