import { transportError, type TransportError } from './transport.ts';

/** Codes of undici and TLS that only occur before the first byte of a request is sent. */
const NEVER_CONNECTED = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  // Bun's code for a refused connection or an unknown host name.
  'ConnectionRefused',
]);

/**
 * System calls before a connection is made. A code such as EHOSTUNREACH is not enough: when a route is lost, a connection with a paid
 * request in flight fails with it too, but in a `read`.
 */
const BEFORE_CONNECTION = new Set(['connect', 'getaddrinfo']);

/** Converts the error of a request without a response. Its causes tell whether a connection was made. */
export function requestFailure(cause: unknown): TransportError {
  return failure(cause, !neverConnected(cause));
}

/** Converts the error of a response body. */
export function bodyFailure(cause: unknown): TransportError {
  return failure(cause, true);
}

function failure(cause: unknown, connected: boolean): TransportError {
  const [leaf] = leavesOf(cause);
  return transportError(leaf?.code ?? leaf?.message ?? String(cause), connected, cause);
}

/** False in doubt: then the outcome is unknown, and the request is not retried. */
function neverConnected(cause: unknown): boolean {
  const leaves = leavesOf(cause);
  return leaves.length > 0 && leaves.every(isBeforeConnection);
}

function isBeforeConnection({ code, syscall, message }: Leaf): boolean {
  if (syscall !== null && BEFORE_CONNECTION.has(syscall)) return true;
  // fetch blocks some ports, which only its message tells.
  return code === null ? message === 'bad port' : NEVER_CONNECTED.has(code);
}

interface Leaf {
  readonly message: string;
  readonly code: string | null;
  readonly syscall: string | null;
}

/** The innermost causes of an error; several if a host has several addresses. */
function leavesOf(error: unknown): Leaf[] {
  if (!(error instanceof Error)) return [];
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.flatMap(leavesOf);
  if (error.cause instanceof Error) return leavesOf(error.cause);
  return [{ message: error.message, code: textOf(error, 'code'), syscall: textOf(error, 'syscall') }];
}

function textOf(error: Error, key: 'code' | 'syscall'): string | null {
  const value = (error as { code?: unknown; syscall?: unknown })[key];
  return typeof value === 'string' ? value : null;
}
